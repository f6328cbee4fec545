// What a screen reader hears by itself: one message at a time, and only what a person would look up for. Ticks that turn
// and rings that move are not said; they can be read where they stand.

const region = document.getElementById('said');

/** Says it once, after what is being said now; the same words again are said again. */
export function say(words) {
  region.textContent = '';
  region.append(Object.assign(document.createElement('span'), { textContent: words, dir: 'auto' }));
}
