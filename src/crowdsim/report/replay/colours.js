// What people are coloured by: a number for each person that picks one of a list of colours, and the key to them.

const SPEED_STEPS = [0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2];  // m/s; walkers with room do 1.2 to 1.5
const SPEED_COLOURS = ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#86d549"];  // viridis
// Okabe and Ito (2008): told apart with every kind of colour blindness; black and yellow left out. Then they repeat.
const GROUP_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];

// Returns the class of a value: how many of the steps after the first it has reached.
function classOf(value, steps) {
  let k = 0;
  while (k + 1 < steps.length && value >= steps[k + 1]) k++;
  return k;
}

function ranges(steps, unit) {
  return steps.map((low, k) => (k + 1 < steps.length ? `${low} to ${steps[k + 1]}` : `above ${low}`) + ` ${unit}`);
}

// Returns the ways of colouring by name: `colours`, `key` (a text for each), and `pick(now, i)`.
function colourings(head, people, density) {
  const { steps, classes, colours } = head.density;
  const service = (now, i) => classOf(density.at(now.x[i], now.y[i]), steps);
  // Standing crowds below 0.5 /m2 are no matter: even steps from there, light to dark.
  const evenly = [0, 0.5, 1, 2, 3, 4, 5, 6];
  return {
    speed: {
      title: "Speed, mean over two frames",
      colours: SPEED_COLOURS,
      key: ranges(SPEED_STEPS, "m/s"),
      pick: (now, i) => classOf(now.speed[i], SPEED_STEPS),
    },
    density: {
      title: "Density around the person",
      colours: ["#fde3c0", "#fdc38d", "#fb8861", "#e75263", "#b73779", "#832681", "#51127c", "#1d1147"],
      key: ranges(evenly, "/m²"),
      pick: (now, i) => classOf(density.at(now.x[i], now.y[i]), evenly),
      dense: true,
    },
    service: {
      title: "Level of service, walkways (Fruin 1971)",
      colours,
      key: ranges(steps, "/m²").map((text, k) => `${classes[k]}: ${text}`),
      pick: service,
      dense: true,
    },
    group: {
      title: "Group",
      colours: head.names.group.map((_, k) => GROUP_COLOURS[k % GROUP_COLOURS.length]),
      key: head.names.group,
      pick: (now, i) => people.group[now.person[i]],
    },
  };
}

// Returns a colour as a pixel of that opacity, 0 to 255, for little-endian image data.
function pixel(colour, alpha) {
  const rgb = parseInt(colour.slice(1), 16);
  return ((alpha << 24) | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}

// Returns a pixel of a colour darkened by a share of ink.
function blended(colour, share, alpha) {
  const mix = (shift) => Math.round(((parseInt(colour.slice(1), 16) >> shift) & 0xff) * (1 - share) + ((0x26292e >> shift) & 0xff) * share);
  return ((alpha << 24) | (mix(0) << 16) | (mix(8) << 8) | mix(16)) >>> 0;
}
