// Drawing: the plan, the density under the people, and the people.

const INK = "#26292e", WALL = "#3b4048", FLOOR = "#ffffff", OBSTACLE = "#d3d5d9", LINK = "#f6ead2", LINK_LINE = "#8a6d3b", SOFT = "#4b5563";
const OPEN = "#1b7a5a", CLOSED = "#c2410c", ENTRANCE = "#1d4ed8", ZONE = "#3d6f8e", QUEUE = "#b45309", COUNTER = "#78350f";

function outline(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    ring.forEach(([x, y], k) => (k ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }
  return path;
}

function drawLine(context, line, colour, width, dash = []) {
  context.beginPath();
  line.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

class Plan {
  constructor(scene) {
    this.scene = scene;
    this.floor = outline(scene.walkable);
    this.links = scene.links.map((link) => outline(link.rings));
    this.fills = [
      ...this.links.map((path) => [path, LINK, 1]),
      ...scene.zones.map((zone) => [outline(zone.rings), ZONE, 0.1]),
      ...scene.entrances.map((entrance) => [outline(entrance.rings), ENTRANCE, 0.18]),
      [outline(scene.obstacles), OBSTACLE, 1],
    ];
  }

  drawFloor(context, view) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    view.apply(context);
    context.fillStyle = FLOOR;
    context.fill(this.floor, "evenodd");
    for (const [path, colour, alpha] of this.fills) {
      context.globalAlpha = alpha;
      context.fillStyle = colour;
      context.fill(path, "evenodd");
    }
    context.globalAlpha = 1;
  }

  drawLines(context, view, dots) {
    const px = dots / view.scale;
    view.apply(context);
    context.strokeStyle = WALL;
    context.lineWidth = 1.4 * px;
    context.stroke(this.floor);
    context.strokeStyle = LINK_LINE;
    for (const path of this.links) context.stroke(path);
    for (const { line } of this.scene.queues) drawLine(context, line, QUEUE, 1 * px);
    for (const { line } of this.scene.counters) drawLine(context, line, COUNTER, 3 * px);
    for (const { line, open } of this.scene.doors) drawLine(context, line, open ? OPEN : CLOSED, 2 * px, open ? [] : [3 * px, 2 * px]);
    for (const { line, rings, open } of this.scene.exits) {
      const colour = open ? OPEN : CLOSED;
      if (line) drawLine(context, line, colour, 4 * px, open ? [] : [4 * px, 3 * px]);
      for (const ring of rings) drawLine(context, [...ring, ring[0]], colour, 2 * px, open ? [] : [4 * px, 3 * px]);
    }
  }

  // Writes names where there is room: exits first, then levels, entrances, ways between levels, queues and zones.
  drawNames(context, view, dots) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.font = `600 ${11 * dots}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    const { exits, levels, entrances, links, queues, zones } = this.scene;
    const named = (things, colour) => things.map(({ name, at }) => [name, at, colour]);
    const beside = ([x, y]) => [x, y + (11 * dots) / view.scale];  // lines are not hidden by their names
    const above = ([minX, , , maxY]) => [minX, maxY + (14 * dots) / view.scale];
    const wanted = [
      ...exits.map(({ name, at, open }) => [open ? name : `${name} (closed)`, beside(at), open ? OPEN : CLOSED]),
      ...(levels.length > 1 ? levels.map(({ name, bounds }) => [name, above(bounds), INK, true]) : []),
      ...named(entrances, ENTRANCE), ...named(links, LINK_LINE), ...queues.map(({ name, at }) => [name, beside(at), QUEUE]), ...named(zones, SOFT),
    ];
    const taken = [];
    for (const [name, [x, y], colour, fromLeft] of wanted) {
      const half = context.measureText(name).width / 2 + 3 * dots, high = 8 * dots;
      let [px, py] = view.pixel(x, y);
      if (fromLeft) px += half;
      if (px < -half || px > view.width + half || py < 0 || py > view.height) continue;
      px = Math.min(Math.max(px, half), view.width - half);
      py = Math.min(Math.max(py, high), view.height - high);
      if (taken.some(([ox, oy, oh]) => Math.abs(ox - px) < oh + half && Math.abs(oy - py) < 2 * high)) continue;
      taken.push([px, py, half]);
      context.strokeStyle = "rgba(255,255,255,.92)";
      context.lineWidth = 4 * dots;
      context.strokeText(name, px, py);
      context.fillStyle = colour;
      context.fillText(name, px, py);
    }
    this.drawScale(context, view, dots);
  }

  drawScale(context, view, dots) {
    const longest = (120 * dots) / view.scale;
    const power = 10 ** Math.floor(Math.log10(longest));
    const length = power * [5, 2, 1].find((factor) => factor * power <= longest);
    const left = 12 * dots, bottom = view.height - 12 * dots, right = left + length * view.scale;
    drawLine(context, [[left, bottom - 5 * dots], [left, bottom], [right, bottom], [right, bottom - 5 * dots]], INK, 1.5 * dots);
    context.textAlign = "left";
    context.strokeStyle = "rgba(255,255,255,.92)";
    context.lineWidth = 4 * dots;
    context.fillStyle = INK;
    const text = `${length} m`;
    context.strokeText(text, right + 6 * dots, bottom - 3 * dots);
    context.fillText(text, right + 6 * dots, bottom - 3 * dots);
  }
}

// A picture of the density grid, a pixel a cell.
class Heat {
  constructor(grid, { steps, colours }) {
    const OPACITY = 210, EMPTY_PER_M2 = 0.02;
    this.grid = grid;
    this.steps = steps;
    this.least = EMPTY_PER_M2;
    this.pixels = colours.map((colour) => pixel(colour, OPACITY));
    this.canvas = document.createElement("canvas");
    this.canvas.width = grid.columns;
    this.canvas.height = grid.rows;
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(grid.columns, grid.rows);
    this.words = new Uint32Array(this.image.data.buffer);
  }

  draw(context, view, density, floor) {
    const { rows, columns, origin, cell_m } = this.grid;
    for (let k = 0; k < this.words.length; k++) {
      const value = density.value[k];
      this.words[k] = value > this.least ? this.pixels[classOf(value, this.steps)] : 0;
    }
    this.context.putImageData(this.image, 0, 0);
    context.save();
    view.apply(context);
    context.clip(floor, "evenodd");
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, origin[0], origin[1], columns * cell_m, rows * cell_m);  // row 0 is lowest, and y points up
    context.restore();
  }
}

// Discs written straight into an image: a hundred thousand take a few milliseconds, on any machine.
class Discs {
  draw(context, view, now, { colours, pick }, dots, shownM) {
    const { width, height } = view;
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      this.image = context.createImageData(width, height);
      this.words = new Uint32Array(this.image.data.buffer);
    }
    this.words.fill(0);
    const radius = Math.max(shownM * view.scale, 1.7 * dots);
    const sprites = colours.map((colour) => this.sprite(colour, radius, dots, width));
    const reach = Math.ceil(radius);
    for (let i = 0; i < now.n; i++) {
      const px = (now.x[i] - view.x) * view.scale + width / 2;
      const py = (view.y - now.y[i]) * view.scale + height / 2;
      if (px > -radius && px < width + radius && py > -radius && py < height + radius) {
        const x = Math.round(px), y = Math.round(py), sprite = sprites[pick(now, i) % sprites.length];
        if (x >= reach && y >= reach && x < width - reach && y < height - reach) this.stampWhole(sprite, y * width + x);
        else this.stamp(sprite, x, y, width, height);
      }
    }
    context.putImageData(this.image, 0, 0);
  }

  stampWhole({ offset, word }, middle) {
    const { words } = this;
    for (let k = 0; k < word.length; k++) {
      const at = middle + offset[k];
      if (word[k] >>> 24 >= words[at] >>> 24) words[at] = word[k];
    }
  }

  // At the edge of the picture.
  stamp({ dx, dy, word }, px, py, width, height) {
    for (let k = 0; k < word.length; k++) {
      const x = px + dx[k], y = py + dy[k];
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const at = y * width + x;
      if (word[k] >>> 24 >= this.words[at] >>> 24) this.words[at] = word[k];
    }
  }

  // Returns the pixels of a disc with a dark rim, so that light colours show on the floor.
  sprite(colour, radius, dots, width) {
    const SMALL = 3;  // pixels: rims of smaller discs are fainter, else crowds would look black
    const reach = Math.ceil(radius), small = radius < SMALL * dots;
    const rim = small ? 0.3 * radius : 1.1 * dots, strength = small ? 0.35 : 0.6;
    const dx = [], dy = [], offset = [], word = [];
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) {
        const beyond = Math.hypot(x, y) - radius;
        const alpha = Math.round(255 * Math.min(Math.max(0.5 - beyond, 0), 1));
        if (!alpha) continue;
        dx.push(x);
        dy.push(y);
        offset.push(y * width + x);
        word.push(beyond > -rim ? blended(colour, strength, alpha) : pixel(colour, alpha));
      }
    }
    return { dx: Int16Array.from(dx), dy: Int16Array.from(dy), offset: Int32Array.from(offset), word: Uint32Array.from(word) };
  }
}

function drawRing(context, view, x, y, radius, dots) {
  const [px, py] = view.pixel(x, y);
  context.setTransform(1, 0, 0, 1, 0, 0);
  for (const [colour, wide] of [["#fff", 6], [INK, 2.5]]) {
    context.beginPath();
    context.arc(px, py, radius + 5 * dots, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = wide * dots;
    context.stroke();
  }
}
