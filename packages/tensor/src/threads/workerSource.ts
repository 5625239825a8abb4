/** Words of the block through which a worker is told what to do, and says that it is done. */
export const words = {
  /** The number of the last command. */
  asked: 0,
  /** The same number as long as nobody has begun with it or called it off. */
  open: 1,
  done: 2,
  command: 3,
  pointer: 4,
  count: 5,
  ready: 6,
  failed: 7,
  /** 1: asleep, 2: being woken. */
  asleep: 8,
  size: 16,
} as const;

/** What a worker can be told: to carry out pieces of work, or to compile a module. */
export const commands = { run: 0, compile: 1 } as const;

/**
 * How many times a worker looks for work before it sleeps: about a millisecond. Waking it takes a tenth of that, and in a training step
 * there is less than that between one large kernel and the next.
 */
const PATIENCE = 200_000;

/** Arguments that most entries have at most. */
const MANY = 32;

/**
 * The program of a worker, as text: it must run from any bundle, and workers cannot load TypeScript.
 *
 * It gets the kernels' memory, its block of words and the counters of the pieces, and then waits for commands. Pieces are read from the
 * memory as float64: with which section to begin, how many there are and where each ends; where the calls of each piece are; and the calls,
 * as `Program` writes them. Modules are compiled from their bytes there; their exports are numbered in the order of their coming.
 */
export function workerSource(): string {
  /** Functions that call an entry with so many of the numbers from a place on: a call that spreads them takes four times as long. */
  const callers = Array.from({ length: MANY + 1 }, (_, count) => {
    const args = Array.from({ length: count }, (_, i) => `numbers[at + ${i}]`);
    return `(entry, numbers, at) => entry(${args.join(", ")})`;
  });
  return `
function start({ memory, control, turns }) {
  const words = new Int32Array(control);
  const entries = [];
  const callers = [${callers.join(",\n")}];
  const runPiece = (numbers, at) => {
    for (let calls = numbers[at++]; calls > 0; calls--) {
      const entry = entries[numbers[at++]];
      const count = numbers[at++];
      if (count <= ${MANY}) callers[count](entry, numbers, at);
      else entry(...numbers.subarray(at, at + count));
      at += count;
    }
  };
  const run = (pointer) => {
    const numbers = new Float64Array(memory.buffer, pointer);
    const [own, sections] = numbers;
    for (let i = 0; i < sections; i++) {
      const section = (own + i) % sections;
      for (;;) {
        const piece = Atomics.add(turns, section, 1);
        if (piece >= numbers[2 + section]) break;
        runPiece(numbers, numbers[2 + sections + piece]);
      }
    }
  };
  const compile = (pointer, length) => {
    const bytes = new Uint8Array(memory.buffer, pointer, length).slice();
    const module = new WebAssembly.Module(bytes);
    entries.push(...Object.values(new WebAssembly.Instance(module, { env: { memory } }).exports));
  };
  let seen = 0;
  Atomics.store(words, ${words.ready}, 1);
  for (;;) {
    for (let looks = 0; Atomics.load(words, ${words.asked}) === seen; looks++) {
      if (looks <= ${PATIENCE}) continue;
      Atomics.store(words, ${words.asleep}, 1);
      Atomics.wait(words, ${words.asked}, seen);
      Atomics.store(words, ${words.asleep}, 0);
    }
    seen = Atomics.load(words, ${words.asked});
    // what was called off meanwhile is gone, together with its memory
    if (Atomics.compareExchange(words, ${words.open}, seen, 0) !== seen) continue;
    try {
      if (words[${words.command}] === ${commands.compile}) compile(words[${words.pointer}] >>> 0, words[${words.count}]);
      else run(words[${words.pointer}] >>> 0);
    } catch {
      Atomics.store(words, ${words.failed}, 1);
    }
    Atomics.store(words, ${words.done}, seen);
  }
}
`;
}
