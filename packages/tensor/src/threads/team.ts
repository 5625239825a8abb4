import { startWorker, type WorkerHandle, workersAvailable } from "#platform";
import { fail } from "../errors.ts";
import { endOfHeap } from "../wasm/heap.ts";
import { rebuild, wasmAvailable } from "../wasm/host.ts";
import { isShared, kernelMemory, mark, release, reserve, shareMemory, views } from "../wasm/scratch.ts";
import { modulesAfter, type Program } from "./program.ts";
import { commands, words, workerSource } from "./workerSource.ts";

/** A worker, and how far it has come. */
interface Member {
  readonly handle: WorkerHandle;
  readonly words: Int32Array;
  /** Commands given so far. */
  asked: number;
  /** Modules that it has. */
  modules: number;
}

let wanted = 1;
const members: Member[] = [];

/**
 * Has large kernels share their work among threads: this one and `count − 1` workers over shared memory. The results are the same, bit for
 * bit. Workers sleep while there is nothing to do, and do not keep the process alive.
 *
 * Where there are no workers or no shared memory (pages that are not cross-origin isolated, or whose policy forbids it) everything runs in
 * this thread. In a browser workers begin to help once the page has come back to its event loop.
 *
 * @param count threads in all, at least 1; more than there are cores do not help
 * @throws TensorError `invalid_argument`
 * @see torch.set_num_threads
 */
export function setNumThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 64) {
    fail("invalid_argument", "setNumThreads", "the number of threads must be a whole number from 1 to 64", { count });
  }
  wanted = count;
  while (members.length > count - 1) members.pop()!.handle.stop();
  if (count === 1 || !workersAvailable() || !wasmAvailable()) return;
  if (!isShared()) {
    if (!shareMemory(endOfHeap())) return;
    rebuild();
  }
  while (members.length < count - 1) if (!hire()) return;
}

/** How many threads large kernels share their work among (torch.get_num_threads). */
export function getNumThreads(): number {
  return Math.min(wanted, members.length + 1);
}

/** Adds a worker; false where there are none. */
function hire(): boolean {
  const control = new SharedArrayBuffer(4 * words.size);
  const handle = startWorker(workerSource, { memory: kernelMemory(), control, offset: 0 });
  if (handle === null) return false;
  members.push({ handle, words: new Int32Array(control), asked: 0, modules: 0 });
  return true;
}

/** How many threads can take a part right now. */
export function threadsReady(): number {
  if (members.length === 0) return 1;
  let count = 1;
  for (const member of members) count += Atomics.load(member.words, words.ready);
  return count;
}

/** Whether all of them are looking for work at this moment, so that none has to be woken. */
export function threadsAwake(): boolean {
  return members.every(({ words: own }) => Atomics.load(own, words.asleep) === 0);
}

/** Carries out programs that do not depend on each other, each by a thread of its own as far as there are any; returns when all are done. */
export function runTogether(programs: readonly Program[]): void {
  const ready = members.filter((member) => Atomics.load(member.words, words.ready) === 1);
  const start = mark();
  const busy: Member[] = [];
  for (const [i, program] of programs.entries()) {
    const member = i === 0 ? undefined : ready[i - 1];
    if (member === undefined || program.isEmpty) continue;
    teach(member);
    const code = program.encode();
    const pointer = reserve(code.byteLength);
    views().float64.set(code, pointer / 8);
    ask(member, commands.run, pointer, 0);
    busy.push(member);
  }
  for (const [i, program] of programs.entries()) if (i === 0 || ready[i - 1] === undefined) program.run();
  for (const member of busy) join(member);
  release(start);
}

/** Hands over modules that a worker does not have yet. */
function teach(member: Member): void {
  for (const bytes of modulesAfter(member.modules)) {
    const start = mark();
    const pointer = reserve(bytes.length);
    views().bool.set(bytes, pointer);
    ask(member, commands.compile, pointer, bytes.length);
    join(member);
    release(start);
    member.modules++;
  }
}

function ask(member: Member, command: number, pointer: number, count: number): void {
  member.words[words.command] = command;
  member.words[words.pointer] = pointer;
  member.words[words.count] = count;
  member.asked = (member.asked + 1) | 0;
  Atomics.store(member.words, words.asked, member.asked);
  // one that falls asleep at this moment says so first, and then looks once more
  if (Atomics.load(member.words, words.asleep) === 1) Atomics.notify(member.words, words.asked);
}

function join(member: Member): void {
  while (Atomics.load(member.words, words.done) !== member.asked); // parts are of one size: it will not be long
  if (Atomics.load(member.words, words.failed) === 1) fail("unsupported", "threads", "a kernel failed in a worker");
}
