// Draws what the microphone hears and, afterwards, the whole take. Only draws: nothing that saves waits for it.

const STEP = 3; // pixels a bar
const GAP = 1;
const EVERY = 50;
const EVERY_STILL = 1000; // with reduced motion the picture changes once a second and nothing slides
const FLOOR_DB = -60;

const isStill = matchMedia("(prefers-reduced-motion: reduce)");
/** 0 … 1 as the ear has it. */
export const loud = (peak) => Math.max(0, 1 + (20 * Math.log10(peak || 1e-9)) / -FLOOR_DB);

export class Waveform {
  #frame = 0;
  #bars = [];
  #last = 0;

  constructor(canvas, meter) {
    Object.assign(this, { canvas, meter });
    this.sizes = new ResizeObserver(() => this.#draw());
    this.sizes.observe(canvas);
  }

  /** Follows an AnalyserNode until `rest`. Goes on where a former segment ended. */
  follow(analyser) {
    this.rest();
    if (!analyser) return;
    const samples = new Float32Array(2048);
    const step = (now) => {
      this.#frame = requestAnimationFrame(step);
      if (now - this.#last < (isStill.matches ? EVERY_STILL : EVERY)) return;
      this.#last = now;
      analyser.getFloatTimeDomainData(samples);
      const peak = samples.reduce((top, one) => Math.max(top, Math.abs(one)), 0);
      this.#bars.push(loud(peak));
      if (this.meter) this.meter.value = loud(peak);
      this.#draw();
    };
    this.#frame = requestAnimationFrame(step);
  }

  rest() {
    cancelAnimationFrame(this.#frame);
    if (this.meter) this.meter.value = 0;
  }

  /** The whole take at once. */
  show(peaks) {
    this.rest();
    this.#bars = peaks.map(loud);
    this.#draw();
  }

  get room() {
    return Math.max(1, Math.floor(this.canvas.clientWidth / STEP));
  }

  clear() {
    this.show([]);
  }

  close() {
    this.rest();
    this.sizes.disconnect();
  }

  #draw() {
    const { canvas } = this;
    const scale = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = getComputedStyle(canvas).color; // the theme and the state decide, in CSS
    this.#bars = this.#bars.slice(-this.room);
    this.#bars.forEach((bar, index) => {
      const tall = Math.max(2, bar * (height - 4));
      pen.fillRect(index * STEP, (height - tall) / 2, STEP - GAP, tall);
    });
  }
}
