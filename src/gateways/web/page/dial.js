// One lane as two circles around each other, a segment for every slot: the IM server outside, the buffer inside, so that the
// same slot of both ends lies on one ray. One stop of the Tab key; within it the arrows go from slot to slot.
import { drawn, element } from './element.js';
import { isInUse } from './rings.js';
import { laneWords } from './words.js';

/** The picture is 400 wide; the circles lie between these distances from its middle. */
const circles = { imServer: [160, 192], buffer: [122, 154] };
/** Between two segments, in the outer circle's units. */
const gap = 1.1;

export class Dial {
  /** The element to be shown. */
  root;
  #size = 0;
  #segments = { imServer: [], buffer: [] };
  #shown = { imServer: [], buffer: [] };
  #cursor = 1;
  #data;
  #picture;
  #ray;
  #middle;
  #readout;

  /** @param open called with a slot that is to be shown in full */
  constructor(smscId, lane, open) {
    this.#ray = drawn('path', { class: 'ray' });
    this.#middle = element('div', { className: 'dial-middle' });
    this.#readout = element('p', { className: 'readout', aria: { hidden: 'true' } });
    this.#picture = drawn('svg', {
      ...{ viewBox: '0 0 400 400', class: 'dial-picture', tabindex: 0, role: 'slider' },
      ...{ 'aria-label': `${smscId}, ${laneWords[lane]}: slots`, 'aria-valuemin': 1, 'aria-valuenow': 1 },
    });
    this.root = element('div', { className: 'dial' }, this.#picture, this.#middle, this.#readout);
    this.#picture.addEventListener('keydown', (event) => this.#key(event, open));
    this.#picture.addEventListener('click', (event) => {
      const slot = this.#slotAt(event);
      if (slot === undefined) return;
      this.#moveTo(slot);
      open(slot);
    });
    this.#picture.addEventListener('pointermove', (event) => this.#say(this.#slotAt(event) ?? this.#cursor));
    this.#picture.addEventListener('pointerleave', () => this.#say(this.#cursor));
  }

  focus() {
    this.#picture.focus();
  }

  /** @param middle elements for the middle of the circles */
  draw(data, middle) {
    this.#data = data;
    if (data.size !== this.#size) this.#build(data.size);
    for (const end of ['imServer', 'buffer']) {
      data[end].forEach((status, i) => {
        if (this.#shown[end][i] === status) return;
        this.#shown[end][i] = status;
        this.#segments[end][i].dataset.status = status;
      });
    }
    this.#segments.imServer.forEach((segment, i) => {
      segment.dataset.moved = data.moved?.includes(i + 1) ? 'yes' : 'no';
    });
    this.#middle.replaceChildren(...middle);
    this.#say(this.#cursor);
  }

  #build(size) {
    this.#size = size;
    this.#cursor = 1;
    for (const [end, [inner, outer]] of Object.entries(circles)) {
      this.#segments[end] = Array.from({ length: size }, (_, i) =>
        drawn('path', { class: 'segment', d: segmentPath(i, size, inner, outer), 'data-slot': i + 1 }),
      );
      this.#shown[end] = [];
    }
    this.#picture.setAttribute('aria-valuemax', String(Math.max(1, size)));
    this.#picture.replaceChildren(...this.#segments.imServer, ...this.#segments.buffer, ...marks(size), this.#ray);
    this.#moveTo(1);
  }

  #moveTo(slot) {
    if (this.#size === 0) return;
    this.#cursor = slot;
    this.#ray.setAttribute('d', segmentPath(slot - 1, this.#size, circles.buffer[0] - 4, circles.imServer[1] + 4));
    this.#picture.setAttribute('aria-valuenow', String(slot));
    this.#say(slot);
  }

  /** The slot in words: beside the dial for those who look, and as the value of the slider for those who listen. */
  #say(slot) {
    const words = this.#data === undefined || this.#size === 0 ? 'no slots yet' : this.#words(slot);
    if (this.#readout.textContent !== words) this.#readout.textContent = words;
    if (slot === this.#cursor) this.#picture.setAttribute('aria-valuetext', words);
  }

  #words(slot) {
    const [own, other] = [this.#data.imServer[slot - 1], this.#data.buffer[slot - 1]];
    return `slot ${slot} · IM server ${own} · buffer ${other === 'unheard' ? 'not heard of' : other}`;
  }

  #key(event, open) {
    const next = {
      ...{ ArrowRight: this.#cursor + 1, ArrowLeft: this.#cursor - 1, ArrowUp: this.#cursor + 16 },
      ...{ ArrowDown: this.#cursor - 16, PageUp: this.#cursor + 64, PageDown: this.#cursor - 64 },
      ...{ Home: 1, End: this.#size, n: this.#inUse(1), N: this.#inUse(-1), Enter: this.#cursor, ' ': this.#cursor },
    }[event.key];
    if (next === undefined || this.#size === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#moveTo(((((next - 1) % this.#size) + this.#size) % this.#size) + 1);
    if (event.key === 'Enter' || event.key === ' ') open(this.#cursor);
  }

  /** The next slot in use in that direction; the same one where there is no other. */
  #inUse(steps) {
    for (let i = 1; i <= this.#size; i += 1) {
      const slot = ((((this.#cursor - 1 + i * steps) % this.#size) + this.#size) % this.#size) + 1;
      if (isInUse(this.#data.imServer[slot - 1]) || isInUse(this.#data.buffer[slot - 1])) return slot;
    }
    return this.#cursor;
  }

  /** By angle, so that a hand need not hit a thin segment; in the middle nothing is meant. */
  #slotAt({ clientX, clientY }) {
    const box = this.#picture.getBoundingClientRect();
    const [x, y] = [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
    const distance = (Math.hypot(x, y) / box.width) * 400;
    if (this.#size === 0 || distance < circles.buffer[0] - 8 || distance > circles.imServer[1] + 8) return undefined;
    const turn = (Math.atan2(x, -y) / (2 * Math.PI) + 1) % 1;
    return Math.min(this.#size, Math.floor(turn * this.#size) + 1);
  }
}

/** From the top, clockwise. */
function segmentPath(i, size, inner, outer) {
  const pad = Math.min(gap / 2 / inner, Math.PI / size / 3);
  const from = (2 * Math.PI * i) / size + (size > 1 ? pad : 0);
  const to = (2 * Math.PI * (i + 1)) / size - (size > 1 ? pad : 0.001);
  const large = to - from > Math.PI ? 1 : 0;
  const at = (radius, angle) =>
    `${(200 + radius * Math.sin(angle)).toFixed(2)} ${(200 - radius * Math.cos(angle)).toFixed(2)}`;
  return `M${at(outer, from)}A${outer} ${outer} 0 ${large} 1 ${at(outer, to)}L${at(inner, to)}A${inner} ${inner} 0 ${large} 0 ${at(inner, from)}Z`;
}

/** Where the slots are counted from: a number at the top, and at every quarter. */
function marks(size) {
  if (size < 8) return [];
  return [0, 1, 2, 3].map((quarter) => {
    const slot = Math.floor((size * quarter) / 4) + 1;
    const angle = (2 * Math.PI * (slot - 0.5)) / size;
    const at = { x: (200 + 108 * Math.sin(angle)).toFixed(1), y: (204 - 108 * Math.cos(angle)).toFixed(1) };
    const text = drawn('text', { ...at, class: 'dial-mark', 'text-anchor': 'middle', 'aria-hidden': 'true' });
    text.textContent = String(slot);
    return text;
  });
}
