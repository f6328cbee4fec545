// What has to be seen, by whom, and what was: the judge of a test with many clients. Every text is known by its words,
// which are its own.

/** What one client shows of a text; as much as its kind of client knows. */
export interface Shown {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly peer: string;
  readonly text: string;
  /** Undefined where this kind of client is not told. */
  readonly step: string | undefined;
  readonly order: number | undefined;
  /** Milliseconds since 1970. */
  readonly at: number | undefined;
}

export class Ledger {
  /** What must not be. */
  readonly faults: string[] = [];
  readonly #missing = new Map<string, Set<string>>();
  readonly #open = new Set<string>();
  #waiting: { readonly isSo: () => boolean; readonly tell: () => void }[] = [];

  /** Texts that somebody has yet to see, or whose last step. */
  get openCount(): number {
    return this.#open.size;
  }

  /** @param sights what is to be seen of it: `alice web out delivered` */
  expect(text: string, sights: readonly string[]): void {
    this.#missing.set(text, new Set(sights));
    this.#open.add(text);
  }

  /** Something was seen that is to be seen, maybe not for the first time. */
  saw(text: string, sight: string): void {
    const missing = this.#missing.get(text);
    if (missing === undefined) {
      this.faults.push(`${sight}: a text that nobody wrote: ${text}`);
      return;
    }
    missing.delete(sight);
    if (missing.size > 0 || !this.#open.delete(text)) return;
    const told = this.#waiting.filter(({ isSo }) => isSo());
    this.#waiting = this.#waiting.filter((one) => !told.includes(one));
    for (const { tell } of told) tell();
  }

  /** Resolves when at most so many texts are open. */
  atMost(count: number): Promise<void> {
    const isSo = (): boolean => this.#open.size <= count;
    if (isSo()) return Promise.resolve();
    return new Promise((tell) => {
      this.#waiting.push({ isSo, tell });
    });
  }

  /** What is still to be seen, for a test that waits in vain. */
  describe(): readonly string[] {
    return [...this.#open].slice(0, 20).map((text) => `${text}: ${[...(this.#missing.get(text) ?? [])].join(', ')}`);
  }
}

/** One client's screen: each text once, in the order in which they appeared. */
export class Screen {
  readonly texts: Shown[] = [];
  readonly #byId = new Map<string, number>();
  readonly #byWords = new Map<string, string>();
  readonly #name: string;
  readonly #ledger: Ledger;
  readonly #check: (shown: Shown) => void;

  /** @param check called with every state of every text, as it is shown */
  constructor(name: string, ledger: Ledger, check: (shown: Shown) => void) {
    this.#name = name;
    this.#ledger = ledger;
    this.#check = check;
  }

  show(shown: Shown): void {
    const index = this.#byId.get(shown.id);
    if (index === undefined) {
      this.#byId.set(shown.id, this.texts.length);
      this.texts.push(shown);
      const other = this.#byWords.get(shown.text);
      if (other !== undefined)
        this.#ledger.faults.push(`${this.#name}: twice, as ${other} and ${shown.id}: ${shown.text}`);
      this.#byWords.set(shown.text, shown.id);
    } else this.texts[index] = shown;
    this.#check(shown);
    this.#ledger.saw(shown.text, `${this.#name} ${shown.direction}`);
    if (shown.step !== undefined) this.#ledger.saw(shown.text, `${this.#name} ${shown.direction} ${shown.step}`);
  }
}
