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

/** Threads in all at most. */
const MOST = 64;

let wanted = 1;
const members: Member[] = [];

/** For each section of what {@link runTogether} was given, the piece whose turn it is. */
let turns: Int32Array | null = null;

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
  if (!Number.isInteger(count) || count < 1 || count > MOST) {
    fail("invalid_argument", "setNumThreads", `the number of threads must be a whole number from 1 to ${MOST}`, {
      count,
    });
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
  turns ??= new Int32Array(new SharedArrayBuffer(4 * MOST));
  const control = new SharedArrayBuffer(4 * words.size);
  const handle = startWorker(workerSource(), { memory: kernelMemory(), control, turns });
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

/**
 * Carries out pieces that do not depend on each other, and returns when all are done. Each thread begins with a share of them, and goes
 * on with what it finds of the others'. Who does not come in time is not waited for.
 *
 * @param pieces   how many there are
 * @param run      carries out a piece here
 * @param programs all of the pieces, as each of the workers would do them
 */
export function runTogether(pieces: number, run: (piece: number) => void, programs: readonly Program[]): void {
  const ready = members.filter((member) => Atomics.load(member.words, words.ready) === 1).slice(0, programs.length);
  const sections = ready.length + 1;
  const sectionStart = (section: number): number => Math.floor((section * pieces) / sections);
  const ends = Array.from({ length: sections }, (_, section) => sectionStart(section + 1));
  const next = turns!;
  for (let section = 0; section < sections; section++) Atomics.store(next, section, sectionStart(section));
  const start = mark();
  try {
    for (const [i, member] of ready.entries()) {
      teach(member);
      ask(member, commands.run, write(programs[i]!, [i + 1, sections, ...ends]), 0);
    }
    for (let section = 0; section < sections; section++) {
      for (;;) {
        const piece = Atomics.add(next, section, 1);
        if (piece >= ends[section]!) break;
        run(piece);
      }
    }
  } finally {
    // whatever happens here, nobody goes on to write where others will soon
    for (const member of ready) if (!callOff(member)) join(member);
    release(start);
  }
}

/** Writes a program for a worker into the kernels' memory, and returns where. */
function write(program: Program, head: readonly number[]): number {
  const pointer = reserve(8 * program.lengthAfter(head.length));
  program.write(views().float64, pointer / 8, head);
  return pointer;
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
  const { words: own } = member;
  own[words.command] = command;
  own[words.pointer] = pointer;
  own[words.count] = count;
  member.asked = (member.asked + 1) | 0 || 1;
  Atomics.store(own, words.open, member.asked);
  Atomics.store(own, words.asked, member.asked);
  // one that falls asleep at this moment says so first, and then looks once more
  if (Atomics.compareExchange(own, words.asleep, 1, 2) === 1) Atomics.notify(own, words.asked);
}

/** Takes back what a worker was asked, unless it has begun. */
function callOff(member: Member): boolean {
  return Atomics.compareExchange(member.words, words.open, member.asked, 0) === member.asked;
}

function join(member: Member): void {
  while (Atomics.load(member.words, words.done) !== member.asked); // the last piece of several: it will not be long
  if (Atomics.load(member.words, words.failed) === 1) fail("unsupported", "threads", "a kernel failed in a worker");
}
