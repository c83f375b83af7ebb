// What people are coloured by: a number for each person that picks one of a list of colours, and the key to them.

// Returns the class of a value: how many of the steps after the first it has reached.
function classOf(value, steps) {
  let k = 0;
  while (k + 1 < steps.length && value >= steps[k + 1]) k++;
  return k;
}

// Returns the ways of colouring by name: `title`, `colours`, `key` (a text for each), and `pick(now, i)`.
function colourings(head, people, density) {
  const { speed, density: dense, service, group } = head.colourings;
  const around = (steps) => (now, i) => classOf(density.at(now.x[i], now.y[i]), steps);
  return {
    speed: { ...speed, pick: (now, i) => classOf(now.speed[i], speed.steps) },
    density: { ...dense, pick: around(dense.steps), dense: true },
    service: { ...service, pick: around(service.steps), dense: true },
    group: { ...group, pick: (now, i) => people.group[now.person[i]] },
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
