// What part of the plan is seen: a scale [pixels/m] and the place in the middle of the canvas [m].

class View {
  constructor() {
    this.width = this.height = 1;
    this.scale = 1;
    this.x = this.y = 0;
    this.bounds = [0, 0, 1, 1];
  }

  fit(bounds) {
    const MARGIN = 0.94;
    this.bounds = bounds;
    const [minX, minY, maxX, maxY] = bounds;
    this.whole = MARGIN * Math.min(this.width / (maxX - minX), this.height / (maxY - minY));
    this.scale = this.whole;
    this.x = (minX + maxX) / 2;
    this.y = (minY + maxY) / 2;
  }

  resize(width, height) {
    const kept = this.scale / (this.whole || this.scale);
    const { x, y } = this;
    const first = !this.whole;
    this.width = width;
    this.height = height;
    this.fit(this.bounds);
    if (!first) Object.assign(this, { scale: this.whole * kept, x, y });
  }

  // Zooms by a factor so that what is at a pixel stays there.
  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const FARTHEST = 0.5, NEAREST = 200;  // half the whole; 200 pixels/m
    const scale = Math.min(Math.max(this.scale * factor, FARTHEST * this.whole), Math.max(NEAREST, this.whole));
    const [x, y] = this.place(px, py);
    this.scale = scale;
    this.x = x - (px - this.width / 2) / scale;
    this.y = y + (py - this.height / 2) / scale;
  }

  pan(dx, dy) {
    const [minX, minY, maxX, maxY] = this.bounds;
    this.x = Math.min(Math.max(this.x - dx / this.scale, minX), maxX);
    this.y = Math.min(Math.max(this.y + dy / this.scale, minY), maxY);
  }

  place(px, py) {
    return [this.x + (px - this.width / 2) / this.scale, this.y - (py - this.height / 2) / this.scale];
  }

  pixel(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (this.y - y) * this.scale + this.height / 2];
  }

  // Makes a canvas draw in metres.
  apply(context) {
    const { scale } = this;
    context.setTransform(scale, 0, 0, -scale, this.width / 2 - this.x * scale, this.height / 2 + this.y * scale);
  }
}
