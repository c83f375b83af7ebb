// Densities as the run was measured (crowdsim.kernels.maps): each person spread by a Gaussian over the cells around, and
// divided by the share of it that is on walkable ground.

const REACH_SD = 3;  // standard deviations; the measure's own reach 5: what lies beyond is up to 1 % of a density

class Density {
  constructor(grid, cover, weight) {
    this.grid = grid;
    this.weight = weight;  // how many each person shown stands for
    this.value = new Float32Array(grid.rows * grid.columns);
    this.scale = Float32Array.from(cover, (steps) => (steps ? grid.cover_steps / steps : 0));
    this.reach = Math.ceil((REACH_SD * grid.sd_m) / grid.cell_m);
    this.step = grid.cell_m / grid.sd_m;
    this.fall = Float64Array.from({ length: this.reach + 1 }, (_, k) => Math.exp(-((k * this.step) ** 2) / 2));
    this.shareX = new Float64Array(2 * this.reach + 1);
    this.shareY = new Float64Array(2 * this.reach + 1);
  }

  // Fills `share` with what the cells along one axis get of a person, and returns the first cell's index. With one
  // exponential, as the run's own measure does it.
  share(place, origin, share) {
    const { reach, fall } = this;
    const inCells = (place - origin) / this.grid.cell_m;
    const middle = Math.floor(inCells);
    const up = Math.exp((inCells - middle - 0.5) * this.step * this.step), down = 1 / up;
    let above = 1, below = 1, total = 1;
    share[reach] = 1;
    for (let k = 1; k <= reach; k++) {
      above *= up;
      below *= down;
      share[reach + k] = above * fall[k];
      share[reach - k] = below * fall[k];
      total += share[reach + k] + share[reach - k];
    }
    for (let k = 0; k < share.length; k++) share[k] /= total;
    return middle - reach;
  }

  take(now) {
    const { origin, rows, columns, cell_m } = this.grid;
    const each = this.weight / (cell_m * cell_m);
    this.value.fill(0);
    for (let i = 0; i < now.n; i++) {
      const left = this.share(now.x[i], origin[0], this.shareX);
      const bottom = this.share(now.y[i], origin[1], this.shareY);
      for (let r = Math.max(-bottom, 0); r < this.shareY.length && bottom + r < rows; r++) {
        const row = (bottom + r) * columns;
        const part = this.shareY[r] * each;
        for (let c = Math.max(-left, 0); c < this.shareX.length && left + c < columns; c++) {
          this.value[row + left + c] += part * this.shareX[c];
        }
      }
    }
    for (let k = 0; k < this.value.length; k++) this.value[k] *= this.scale[k];
  }

  at(x, y) {
    const { origin, rows, columns, cell_m } = this.grid;
    const column = Math.min(Math.max(Math.floor((x - origin[0]) / cell_m), 0), columns - 1);
    const row = Math.min(Math.max(Math.floor((y - origin[1]) / cell_m), 0), rows - 1);
    return this.value[row * columns + column];
  }
}
