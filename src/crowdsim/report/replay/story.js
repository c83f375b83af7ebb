// The story of one attendee: who it is, what it does now, and what happened when and where.

const WORDS = {
  entered: "came in at", started: "set off from", arrived: "reached", left: "left", joined: "joined the queue",
  called: "was called at", served: "was served at", gave_up: "gave up at", exited: "went out by", rerouted: "changed route to",
  told: "was told the way by", followed: "did as told by",
};

function clock(time) {
  const whole = Math.max(Math.floor(time + 1e-6), 0);
  const two = (value) => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

function duration(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

class Stories {
  constructor(head, people, events) {
    this.head = head;
    this.people = people;
    this.events = events;
    this.start = new Uint32Array(events.count.length + 1);
    for (let k = 0; k < events.count.length; k++) this.start[k + 1] = this.start[k] + events.count[k];
  }

  name(column, number) {
    return this.head.names[column][number] ?? "";
  }

  // Returns what happened to a person, in order: time, kind and place.
  eventsOf(person) {
    const found = [];
    for (let k = this.start[person]; k < this.start[person + 1]; k++) {
      found.push({ time: this.events.time_s[k], kind: this.name("kind", this.events.kind[k]), place: this.name("place", this.events.place[k]) });
    }
    return found;
  }

  // Returns how long a person had waited in queues by a time [s].
  waited(person, time) {
    let total = 0, since = null;
    for (const event of this.eventsOf(person)) {
      if (event.time > time) break;
      if (event.kind === "joined") since ??= event.time;
      if ((event.kind === "called" || event.kind === "gave_up") && since !== null) {
        total += event.time - since;
        since = null;
      }
    }
    return since === null ? total : total + time - since;
  }

  // Returns what is known of a person at a time, as terms and texts; `here` is where it is, null if not inside.
  facts(person, time, here) {
    const { people } = this;
    const found = [
      ["Group", `${this.name("group", people.group[person])} (${this.name("profile", people.profile[person])})`],
      ["Free speed", `${people.free_speed[person].toFixed(2)} m/s`],
    ];
    if (here) {
      found.push(
        ["Now", `at (${here.x.toFixed(1)}, ${here.y.toFixed(1)}) m`],
        ["Speed now", Number.isNaN(here.speed) ? "not known" : `${here.speed.toFixed(1)} m/s`],
        ["Density here", `${here.density.toFixed(1)} /m², level of service ${here.service}`],
        ["Inside for", duration(time - people.entry_s[person])],
      );
    } else if (time > people.exit_s[person]) found.push(["Now", "has left"]);
    else found.push(["Now", Number.isNaN(people.entry_s[person]) ? "never came in" : "not inside yet"]);
    found.push(["Waited in queues", duration(this.waited(person, time))]);
    found.push(["Stays, whole run", duration(people.waited_s[person])]);
    return found.flatMap(([term, text]) => [
      Object.assign(document.createElement("dt"), { textContent: term }),
      Object.assign(document.createElement("dd"), { textContent: text }),
    ]);
  }

  // Returns the events of a person as items of a list; `seek` is called with the time of one that is chosen.
  items(person, seek) {
    return this.eventsOf(person).map((event) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: clock(event.time) });
      button.addEventListener("click", () => seek(event.time));
      item.append(button, ` ${WORDS[event.kind] ?? event.kind} ${event.place}`);
      item.dataset.time = event.time;
      return item;
    });
  }
}
