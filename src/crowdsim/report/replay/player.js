// The player: the clock, the controls, and what they do to the picture.

const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200];
const REFRESH_MS = 100;  // densities and the story are brought up to date this often,
const REFRESH_SHARE = 0.2;  // but of large crowds only so often that it takes this share of the time

class Player {
  constructor(head, people, events, cover) {
    this.head = head;
    this.people = people;
    this.tracks = new Tracks(head, people);
    this.density = new Density(head.grid, cover, head.one_in);
    this.stories = new Stories(head, people, events);
    this.ways = colourings(head, people, this.density);
    this.plan = new Plan(head.scene);
    this.heat = new Heat(head.grid, head.colourings.service);
    this.discs = new Discs();
    this.view = new View();
    this.time = 0;
    this.playing = false;
    this.chosen = null;
    this.told = null;  // whose events are listed
    this.drawn = 0;  // pictures so far
    this.stale = true;
    this.refreshMs = REFRESH_MS;
    for (const name of ["stage", "plan", "people", "marks", "play", "time", "clock", "inside", "speed", "colour", "heat", "level", "key", "story", "attendee"]) {
      this[`$${name}`] = document.getElementById(`replay-${name}`);
    }
    this.view.fit(head.scene.bounds);
    this.fill();
    this.listen();
  }

  fill() {
    const wanted = this.head.end_s / 60;  // the whole in about a minute
    for (const speed of SPEEDS) this.$speed.add(new Option(`${speed} ×`, speed));
    this.$speed.value = SPEEDS.reduce((best, speed) => (Math.abs(Math.log(speed / wanted)) < Math.abs(Math.log(best / wanted)) ? speed : best));
    this.$time.max = this.head.end_s;
    this.$time.step = Math.min(this.head.frame_s, 1);
    const { levels } = this.head.scene;
    levels.forEach(({ name }, k) => this.$level.add(new Option(name, k)));
    this.$level.closest("label").hidden = levels.length < 2;
    this.showKey();
  }

  listen() {
    const stage = this.$stage;
    this.$play.addEventListener("click", () => this.toggle());
    this.$time.addEventListener("input", () => this.seek(Number(this.$time.value)));
    this.$colour.addEventListener("change", () => { this.showKey(); this.refresh(); });
    this.$heat.addEventListener("change", () => { this.showKey(); this.refresh(); });
    this.$level.addEventListener("change", () => this.fit());
    this.$attendee.addEventListener("change", () => this.choose(this.numbered(this.$attendee.value)));
    for (const button of document.querySelectorAll("[data-replay-key]")) {
      button.addEventListener("click", () => this.key(button.dataset.replayKey));
    }
    stage.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.key(event.key)) return;
      event.preventDefault();
    });
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 400), ...this.inCanvas(event));
    }, { passive: false });
    this.listenToPointers(stage);
    new ResizeObserver(() => this.resize()).observe(stage);
  }

  // One pointer pans, two zoom; a press without a move chooses who is there.
  listenToPointers(stage) {
    const CLICK_PX = 5;
    const pointers = new Map();
    let moved = 0;
    stage.addEventListener("pointerdown", (event) => {
      stage.setPointerCapture(event.pointerId);
      if (!pointers.size) moved = 0;
      pointers.set(event.pointerId, this.inCanvas(event));
    });
    stage.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const now = this.inCanvas(event);
      const others = [...pointers.entries()].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      moved += Math.hypot(now[0] - before[0], now[1] - before[1]) / this.dots;
      if (others.length) {
        const apart = (place) => Math.hypot(place[0] - others[0][0], place[1] - others[0][1]);
        this.zoom(apart(now) / Math.max(apart(before), 1), (now[0] + others[0][0]) / 2, (now[1] + others[0][1]) / 2);
      } else if (moved > CLICK_PX) {
        this.view.pan(now[0] - before[0], now[1] - before[1]);
        this.redraw();
      }
      pointers.set(event.pointerId, now);
    });
    const end = (event) => {
      const place = pointers.get(event.pointerId);
      pointers.delete(event.pointerId);
      if (place && event.type === "pointerup" && moved <= CLICK_PX) this.choose(this.nearest(...place));
    };
    stage.addEventListener("pointerup", end);
    stage.addEventListener("pointercancel", end);
  }

  inCanvas(event) {
    const box = this.$stage.getBoundingClientRect();
    return [(event.clientX - box.left) * this.dots, (event.clientY - box.top) * this.dots];
  }

  // Does what a key stands for; returns whether it stands for anything.
  key(key) {
    const PAN_PX = 60, ZOOM = 1.4;
    const frame = this.head.frame_s;
    const pan = (x, y) => { this.view.pan(x * PAN_PX * this.dots, y * PAN_PX * this.dots); this.redraw(); };
    const does = {
      " ": () => this.toggle(), "+": () => this.zoom(ZOOM), "=": () => this.zoom(ZOOM), "-": () => this.zoom(1 / ZOOM),
      0: () => this.fit(), ArrowLeft: () => pan(1, 0), ArrowRight: () => pan(-1, 0), ArrowUp: () => pan(0, 1),
      ArrowDown: () => pan(0, -1), ",": () => this.seek(this.time - frame), ".": () => this.seek(this.time + frame),
      Home: () => this.seek(0), End: () => this.seek(this.head.end_s), Escape: () => this.choose(null),
    }[key];
    does?.();
    return Boolean(does);
  }

  resize() {
    const MOST_DOTS = 2;
    this.dots = Math.min(window.devicePixelRatio || 1, MOST_DOTS);
    const width = Math.max(Math.round(this.$stage.clientWidth * this.dots), 1);
    const height = Math.max(Math.round(this.$stage.clientHeight * this.dots), 1);
    for (const canvas of [this.$plan, this.$people, this.$marks]) Object.assign(canvas, { width, height });
    this.view.resize(width, height);
    this.redraw();
  }

  fit() {
    const { bounds, levels } = this.head.scene;
    this.view.fit(this.$level.value === "" ? bounds : levels[this.$level.value].bounds);
    this.redraw();
  }

  zoom(factor, px, py) {
    this.view.zoom(factor, px, py);
    this.redraw();
  }

  toggle() {
    if (!this.playing && this.time >= this.head.end_s) this.seek(0);
    this.playing = !this.playing;
    this.$play.textContent = this.playing ? "Pause" : "Play";
    this.last = null;
    cancelAnimationFrame(this.next);  // else a pause shorter than a picture would leave two of them running
    if (this.playing) this.next = requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (!this.playing) return;
    const LONGEST_S = 0.25;  // after a pause of the page nothing is skipped
    if (this.last !== null && this.tracks.has(this.time)) {
      const passed = Math.min((now - this.last) / 1000, LONGEST_S);
      this.time = Math.min(this.time + passed * Number(this.$speed.value), this.head.end_s);
    }
    this.last = now;
    this.show();
    if (this.time >= this.head.end_s) this.toggle();
    else this.next = requestAnimationFrame((next) => this.tick(next));
  }

  // Goes to a time [s]; the promise is kept when it is shown.
  async seek(time) {
    this.time = Math.min(Math.max(time, 0), this.head.end_s);
    this.stale = true;
    await this.tracks.load(this.time);
    this.show();
  }

  redraw() {
    this.planIsOld = true;
    this.stale = true;
    this.show();
  }

  refresh() {
    this.stale = true;
    this.show();
  }

  show() {
    this.$time.value = this.time;
    this.$clock.textContent = clock(this.time);
    this.$time.setAttribute("aria-valuetext", `${clock(this.time)} of ${clock(this.head.end_s)}`);
    if (!this.tracks.has(this.time)) {
      this.tracks.load(this.time).then(() => this.refresh());
      return;
    }
    const ahead = Math.min(this.time + (this.head.chunk_frames * this.head.frame_s) / 2, this.head.end_s);
    if (!this.tracks.has(ahead)) this.tracks.load(ahead);
    const now = this.tracks.move(this.time);
    const clockMs = performance.now();
    const old = this.stale || clockMs - (this.refreshed ?? 0) > this.refreshMs;
    const way = this.ways[this.$colour.value];
    if (old) {
      this.refreshed = clockMs;
      this.stale = false;
      if (way.dense || this.$heat.checked || this.chosen !== null) this.density.take(now);
      const people = now.n * this.head.one_in;
      this.$inside.textContent = `${this.head.one_in > 1 ? "about " : ""}${people.toLocaleString("en")} inside`;
      this.tell(now);
    }
    if (this.planIsOld || (old && this.$heat.checked)) this.drawPlan();
    if (old) this.refreshMs = Math.max(REFRESH_MS, (performance.now() - clockMs) / REFRESH_SHARE);
    const BODY_M = 0.2;  // of the standard profile
    this.discs.draw(this.$people.getContext("2d"), this.view, now, way, this.dots, BODY_M);
    this.mark(now);
    this.drawn++;
  }

  drawPlan() {
    const context = this.$plan.getContext("2d");
    this.plan.drawFloor(context, this.view);
    if (this.$heat.checked) this.heat.draw(context, this.view, this.density, this.plan.floor);
    this.plan.drawLines(context, this.view, this.dots);
    this.planIsOld = false;
    const marks = this.$marks.getContext("2d");
    marks.setTransform(1, 0, 0, 1, 0, 0);
    this.names ??= document.createElement("canvas");
    Object.assign(this.names, { width: this.view.width, height: this.view.height });
    this.plan.drawNames(this.names.getContext("2d"), this.view, this.dots);
  }

  // Draws over the people: the names of places, and a ring around who is chosen.
  mark(now) {
    const context = this.$marks.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.view.width, this.view.height);
    if (this.names) context.drawImage(this.names, 0, 0);
    const i = this.indexOf(now, this.chosen);
    if (i >= 0) drawRing(context, this.view, now.x[i], now.y[i], Math.max(0.2 * this.view.scale, 2 * this.dots), this.dots);
  }

  indexOf(now, person) {
    for (let i = 0; i < now.n; i++) if (now.person[i] === person) return i;
    return -1;
  }

  nearest(px, py) {
    const NEAR_PX = 12;
    const { now } = this.tracks;
    let best = null, least = NEAR_PX * this.dots;
    for (let i = 0; i < now.n; i++) {
      const [x, y] = this.view.pixel(now.x[i], now.y[i]);
      const apart = Math.hypot(x - px, y - py);
      if (apart < least) [best, least] = [now.person[i], apart];
    }
    return best;
  }

  // Returns the person of a number as the run has it; null if there is none, or it is not shown.
  numbered(text) {
    const person = Number(text) / this.head.one_in;
    return text !== "" && Number.isInteger(person) && person >= 0 && person < this.people.group.length ? person : null;
  }

  choose(person) {
    this.chosen = person;
    this.refresh();
  }

  tell(now) {
    const empty = this.chosen === null;
    this.$story.hidden = empty;
    if (empty) return;
    const i = this.indexOf(now, this.chosen);
    const density = i < 0 ? 0 : this.density.at(now.x[i], now.y[i]);
    const { steps, classes } = this.head.colourings.service;
    const here = i < 0 ? null : { x: now.x[i], y: now.y[i], speed: now.speed[i], density, service: classes[classOf(density, steps)] };
    this.$story.querySelector("h3").textContent = `Attendee ${this.chosen * this.head.one_in}`;
    this.$story.querySelector("dl").replaceChildren(...this.stories.facts(this.chosen, this.time, here));
    const list = this.$story.querySelector("ol");
    if (this.told !== this.chosen) list.replaceChildren(...this.stories.items(this.chosen, (time) => this.seek(time)));
    this.told = this.chosen;
    for (const item of list.children) item.classList.toggle("later", Number(item.dataset.time) > this.time + 1e-3);
  }

  showKey() {
    const way = this.ways[this.$colour.value];
    const { service } = this.head.colourings;
    const keys = [[way.title, way.colours, way.key]];
    if (this.$heat.checked && way !== this.ways.service) keys.push(["Density on the floor, level of service", service.colours, service.key]);
    this.$key.replaceChildren(...keys.map(([title, all, texts]) => {
      const row = document.createElement("p");
      row.append(Object.assign(document.createElement("b"), { textContent: title }));
      texts.forEach((text, k) => {
        const entry = document.createElement("span");
        entry.append(Object.assign(document.createElement("i"), { style: `background:${all[k]}` }), text);
        row.append(entry);
      });
      return row;
    }));
  }
}

async function begin() {
  const head = JSON.parse(document.getElementById("replay-head").textContent);
  const [people, events, { cover }] = await Promise.all(["people", "events", "cover"].map((name) => unpack(`replay-data-${name}`)));
  const player = new Player(head, people, events, cover);
  player.resize();
  await player.seek(0);
  window.crowdsimReplay = player;  // for scripts and tests
  player.$stage.dataset.ready = "";
}

begin().catch((error) => {
  const stage = document.getElementById("replay-stage");
  stage.textContent = `The replay could not be unpacked (${error.message}). It needs a browser of 2023 or later.`;
  throw error;
});
