/** Words of the block through which a worker is told what to do, and says that it is done. */
export const words = {
  asked: 0,
  done: 1,
  command: 2,
  pointer: 3,
  count: 4,
  ready: 5,
  failed: 6,
  asleep: 7,
  size: 16,
} as const;

/** What a worker can be told: to run calls, or to compile a module. */
export const commands = { run: 0, compile: 1 } as const;

/**
 * How many times a worker looks for work before it sleeps: about a millisecond. Waking it takes a tenth of that, and in a training step
 * there is less than that between one large kernel and the next.
 */
const PATIENCE = 200_000;

/**
 * The program of a worker, as text: it must run from any bundle, and workers cannot load TypeScript.
 *
 * It gets the kernels' memory and its block of words, and then waits for commands. Calls are read from the memory as float64: how many there
 * are, and for each the number of the entry, the number of arguments and these. Modules are compiled from their bytes there; their exports
 * are numbered in the order of their coming.
 */
export const workerSource: string = `
function start({ memory, control, offset }) {
  const words = new Int32Array(control, offset, ${words.size});
  const entries = [];
  const run = (pointer) => {
    const numbers = new Float64Array(memory.buffer, pointer);
    let at = 0;
    for (let calls = numbers[at++]; calls > 0; calls--) {
      const entry = entries[numbers[at++]];
      const count = numbers[at++];
      entry(...numbers.subarray(at, at + count));
      at += count;
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
    for (let turns = 0; Atomics.load(words, ${words.asked}) === seen; turns++) {
      if (turns <= ${PATIENCE}) continue;
      Atomics.store(words, ${words.asleep}, 1);
      Atomics.wait(words, ${words.asked}, seen);
      Atomics.store(words, ${words.asleep}, 0);
    }
    seen = Atomics.load(words, ${words.asked});
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
