// Columns of numbers from the page's text (packing.py), and who is where at a time (chunks.py).

const TYPES = { "|u1": Uint8Array, "<u2": Uint16Array, "<u4": Uint32Array, "<f4": Float32Array };
const KEPT_CHUNKS = 6;

// Returns the columns of a block by their names.
async function unpack(id) {
  const element = document.getElementById(id);
  const letters = atob(element.textContent.trim());
  const packed = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k++) packed[k] = letters.charCodeAt(k);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer();
  const columns = {};
  let at = 0;
  for (const [name, type, length] of JSON.parse(element.dataset.columns)) {
    const end = at + length * TYPES[type].BYTES_PER_ELEMENT;
    columns[name] = new TYPES[type](bytes.slice(at, end));
    at = end;
  }
  return columns;
}

// Returns the pieces of way of a chunk: `start` is where each one's positions begin in `x` and `y`, which are in units.
async function unpackChunk(number) {
  const packed = await unpack(`replay-data-${number}`);
  const pieces = packed.person.length;
  const start = new Uint32Array(pieces + 1);
  for (let p = 0; p < pieces; p++) start[p + 1] = start[p] + packed.count[p];
  const x = new Uint16Array(start[pieces]);
  const y = new Uint16Array(start[pieces]);
  for (let p = 0, step = 0; p < pieces; p++) {
    x[start[p]] = packed.x0[p];
    y[start[p]] = packed.y0[p];
    for (let k = start[p] + 1; k < start[p + 1]; k++, step++) {  // sums are modulo 2^16, as the steps are
      x[k] = x[k - 1] + packed.dx_low[step] + (packed.dx_high[step] << 8);
      y[k] = y[k - 1] + packed.dy_low[step] + (packed.dy_high[step] << 8);
    }
  }
  return { person: packed.person, first: packed.first, count: packed.count, start, x, y };
}

// Everyone's way: unpacks the stretch that is asked for, and keeps the last few.
class Tracks {
  constructor(head, people) {
    this.head = head;
    this.people = people;
    this.chunks = new Map();
    this.now = { n: 0, person: new Uint32Array(0) };
  }

  chunkAt(time) {
    return Math.floor(this.frameAt(time) / this.head.chunk_frames);
  }

  frameAt(time) {
    const ROUNDING = 1e-6;
    return Math.min(Math.max(Math.floor(time / this.head.frame_s + ROUNDING), 0), this.head.frames - 1);
  }

  has(time) {
    return this.chunks.has(this.chunkAt(time));
  }

  async load(time) {
    const number = this.chunkAt(time);
    if (this.chunks.has(number)) return;
    this.chunks.set(number, await unpackChunk(number));
    for (const old of this.chunks.keys()) {  // in the order in which they were unpacked
      if (this.chunks.size <= KEPT_CHUNKS) break;
      if (old !== number) this.chunks.delete(old);
    }
  }

  // Fills `now` with who is inside at a time whose stretch is loaded: person, x and y [m], speed [m/s].
  move(time) {
    const { frame_s, unit_m, origin, chunk_frames } = this.head;
    const chunk = this.chunks.get(this.chunkAt(time));
    const frame = this.frameAt(time);
    const index = frame % chunk_frames;
    const share = Math.min(Math.max(time / frame_s - frame, 0), 1);
    const room = chunk.person.length;
    if (this.now.person.length < room) {
      this.now = { n: 0, person: new Uint32Array(room), x: new Float32Array(room), y: new Float32Array(room), speed: new Float32Array(room) };
    }
    const now = this.now;
    let n = 0;
    for (let p = 0; p < room; p++) {
      const k = index - chunk.first[p];
      if (k < 0 || k >= chunk.count[p] || time > this.people.exit_s[chunk.person[p]]) continue;
      const here = chunk.start[p] + k;
      const next = k + 1 < chunk.count[p] ? here + 1 : here;
      const before = k > 0 ? here - 1 : here;
      const dx = chunk.x[next] - chunk.x[here];
      const dy = chunk.y[next] - chunk.y[here];
      now.person[n] = chunk.person[p];
      now.x[n] = origin[0] + unit_m * (chunk.x[here] + share * dx);
      now.y[n] = origin[1] + unit_m * (chunk.y[here] + share * dy);
      const way = Math.hypot(chunk.x[next] - chunk.x[before], chunk.y[next] - chunk.y[before]) * unit_m;
      now.speed[n] = next > before ? way / ((next - before) * frame_s) : NaN;
      n++;
    }
    now.n = n;
    return now;
  }
}
