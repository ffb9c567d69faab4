/** Where one line of progress is shown. */
export interface ProgressSurface {
  /** Lines are rewritten in place; elsewhere each one is a line of log, so fewer are wanted. */
  readonly isTerminal: boolean;
  show(text: string): void;
  /** The line stays as it is; what is shown next goes below. */
  finish(): void;
}

const CLEAR_LINE = '\r\u001b[2K';
const UP = '\u001b[1A';

/**
 * Lines of progress, one a chain, kept together at the bottom of a terminal; notes scroll above them.
 * Without a terminal: lines of log, with the chain's name in front when there are several.
 */
export class ProgressBoard {
  readonly #stream: NodeJS.WriteStream;
  /** Lines that are still rewritten, top to bottom. */
  #live: { text: string }[] = [];

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** A line of its own; `label` '' for the only one. */
  line(label = ''): ProgressSurface {
    const isTerminal = this.#stream.isTTY === true;
    const prefix = label === '' ? '' : `${label}: `;
    let line: { text: string } | null = null;
    return {
      isTerminal,
      show: (text) => {
        if (!isTerminal) {
          this.#stream.write(`${prefix}${text}\n`);
          return;
        }
        const drawn = this.#live.length;
        if (!line) {
          line = { text: '' };
          this.#live.push(line);
        }
        line.text = `${prefix}${text}`;
        this.#redraw(drawn, '');
      },
      finish: () => {
        if (!line) return;
        const done = line;
        const drawn = this.#live.length;
        this.#live = this.#live.filter((other) => other !== done);
        line = null;
        this.#redraw(drawn, `${done.text}\n`);
      },
    };
  }

  /** A line that stays. */
  note(text: string): void {
    if (this.#live.length === 0) this.#stream.write(`${text}\n`);
    else this.#redraw(this.#live.length, `${text}\n`);
  }

  /** Replaces the lines drawn before by what is to stay and the live lines below it. */
  #redraw(drawn: number, stays: string): void {
    const back = CLEAR_LINE + `${UP}${CLEAR_LINE}`.repeat(Math.max(0, drawn - 1));
    this.#stream.write(`${back}${stays}${this.#live.map(({ text }) => text).join('\n')}`);
  }
}
