/**
 * The protocol of claim, acquire, start, release, commit, probe and takeover as an explicit-state model:
 * two instances, two occurrences, one crash with restart, one stall past the lease, one lost reply. Steps
 * are named as the engine's are. Time is left out: whatever could happen at some time may happen at any.
 */

/** Known wrong variants of the protocol, which the search must catch. */
export type Variant =
  | 'drop_on_contended'
  | 'no_done_marker'
  | 'takeover_without_lease'
  | 'takeover_without_entry_check'
  | 'start_late_without_check';

/** What the search found. */
export interface SearchResult {
  readonly states: number;
  /** The first violation, with the steps that lead to it. */
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

type Stage =
  | 'down'
  | 'idle'
  /** Claimed, and does not know it: the answer was lost. */
  | 'unsure'
  | 'claimed'
  /** Acquired late, and looks first whether its entry is still there. */
  | 'checking'
  | 'held'
  | 'running'
  | 'ran'
  | 'released'
  /** Won the lease of an entry that another entered. */
  | 'won';

interface Entry {
  readonly owner: number;
  readonly attempt: number;
}

interface Instance {
  readonly stage: Stage;
  /** How often it crashed; with its index this is its owner id. */
  readonly life: number;
  readonly occurrence: number;
  readonly attempt: number;
  /** The entry that it saw when it won the lease. */
  readonly seen: Entry | null;
  readonly stalled: boolean;
  readonly trusts: boolean;
  /** Claimed at least a lease's time to live ago: another may have had the lease meanwhile. */
  readonly late: boolean;
}

interface State {
  readonly next: number;
  readonly entries: readonly (Entry | null)[];
  /** The owner that holds the lease of each occurrence, or how it stands. */
  readonly leases: readonly (number | 'free' | 'done')[];
  readonly instances: readonly Instance[];
  readonly ran: readonly boolean[];
  readonly completed: readonly boolean[];
  readonly crashes: number;
  readonly stalls: number;
  readonly lostReplies: number;
}

interface Move {
  readonly name: string;
  readonly fault: boolean;
  readonly state: State;
  readonly violation?: string;
}

const OCCURRENCES = [0, 1] as const;
const FAULTS = { crashes: 1, stalls: 1, lostReplies: 1 };
const MAX_ATTEMPT = 4;

const FRESH: Instance = {
  stage: 'idle',
  life: 0,
  occurrence: 0,
  attempt: 0,
  seen: null,
  stalled: false,
  trusts: false,
  late: false,
};

const START: State = {
  next: 0,
  entries: [null, null],
  leases: ['free', 'free'],
  instances: [FRESH, FRESH],
  ran: [false, false],
  completed: [false, false],
  crashes: 0,
  stalls: 0,
  lostReplies: 0,
};

/** Searches every state that the protocol, or a wrong variant of it, can reach. */
export function search(variant?: Variant): SearchResult {
  const keys = new Map<string, number>();
  const states: State[] = [];
  const cameFrom: { readonly parent: number; readonly name: string }[] = [];
  const backward: number[][] = [];
  const add = (state: State, parent: number, name: string): number => {
    const key = JSON.stringify(state);
    const known = keys.get(key);
    if (known !== undefined) return known;
    keys.set(key, states.length);
    states.push(state);
    cameFrom.push({ parent, name });
    backward.push([]);
    return states.length - 1;
  };
  const traceOf = (index: number): string[] => {
    const trace: string[] = [];
    for (let at = index; at > 0; at = (cameFrom[at] as { parent: number }).parent) {
      trace.unshift((cameFrom[at] as { name: string }).name);
    }
    return trace;
  };

  add(START, 0, 'start');
  for (let index = 0; index < states.length; index += 1) {
    for (const move of moves(states[index] as State, variant)) {
      const to = add(move.state, index, move.name);
      if (move.violation !== undefined) {
        const trace = [...traceOf(index), move.name];
        return { states: states.length, violation: { what: move.violation, trace } };
      }
      if (!move.fault) (backward[to] as number[]).push(index);
    }
  }

  const ends = new Uint8Array(states.length);
  const pending = states.flatMap((state, index) => (isSettled(state) ? [index] : []));
  for (const index of pending) ends[index] = 1;
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    for (const before of backward[index] as number[]) {
      if (ends[before] === 1) continue;
      ends[before] = 1;
      pending.push(before);
    }
  }
  const stuck = ends.indexOf(0);
  if (stuck === -1) return { states: states.length, violation: undefined };
  return { states: states.length, violation: { what: 'an occurrence is lost', trace: traceOf(stuck) } };
}

/** Everything was run to its end and nothing is left in the record. */
function isSettled(state: State): boolean {
  return (
    state.next === OCCURRENCES.length &&
    state.entries.every((entry) => entry === null) &&
    state.ran.every((ran) => ran) &&
    state.instances.every(({ stage }) => stage === 'idle')
  );
}

function* moves(state: State, variant: Variant | undefined): Generator<Move> {
  for (const index of [0, 1]) {
    const instance = state.instances[index] as Instance;
    const me = index * 2 + Math.min(instance.life, 1);
    const name = 'AB'[index] as string;
    const become = (change: Partial<Instance>, rest: Partial<State> = {}): State => ({
      ...state,
      ...rest,
      instances: state.instances.map((one, at) => (at === index ? { ...one, ...change } : one)),
    });
    const step = (what: string, to: State, violation?: string): Move => ({
      name: `${name} ${what}`,
      fault: false,
      state: to,
      ...(violation === undefined ? {} : { violation }),
    });
    const idle = {
      stage: 'idle',
      occurrence: 0,
      attempt: 0,
      seen: null,
      trusts: false,
      late: false,
    } as const;
    const { stage, occurrence, attempt } = instance;
    const entry = state.entries[occurrence] ?? null;
    const isMine = entry !== null && entry.owner === me && entry.attempt === attempt;
    const lease = state.leases[occurrence];

    if (instance.stalled) {
      yield step('wakes', become({ stalled: false }));
      continue;
    }
    if (stage === 'down') {
      yield step('restarts', become({ ...idle, life: instance.life }));
      continue;
    }
    if (state.crashes < FAULTS.crashes) {
      const down = become(
        { ...idle, stage: 'down', life: instance.life + 1 },
        { crashes: state.crashes + 1 },
      );
      yield { name: `${name} crashes`, fault: true, state: down };
    }
    if (state.stalls < FAULTS.stalls && stage !== 'idle') {
      const stalled = become({ stalled: true }, { stalls: state.stalls + 1 });
      yield { name: `${name} stalls`, fault: true, state: stalled };
    }
    const mayLose = state.lostReplies < FAULTS.lostReplies;
    const lose = (what: string, to: State): Move => ({
      name: `${name} ${what}, the reply is lost`,
      fault: true,
      state: { ...to, lostReplies: state.lostReplies + 1 },
    });

    switch (stage) {
      case 'idle': {
        if (state.next < OCCURRENCES.length) {
          const claimed = { occurrence: state.next, attempt: 1 };
          const record = {
            next: state.next + 1,
            entries: put(state.entries, state.next, { owner: me, attempt: 1 }),
          };
          yield step('claims', become({ ...claimed, stage: 'claimed' }, record));
          if (mayLose) yield lose('claims', become({ ...claimed, stage: 'unsure' }, record));
        }
        for (const target of OCCURRENCES) {
          const found = state.entries[target] ?? null;
          if (found === null) continue;
          const held = state.leases[target];
          const won = { stage: 'won', occurrence: target, seen: found } as const;
          if (variant === 'takeover_without_lease') {
            yield step('probes', become({ ...won, trusts: false }));
          } else if (held === 'free') {
            const leases = put(state.leases, target, me);
            yield step('probes and wins', become({ ...won, trusts: true }, { leases }));
          } else if (held === 'done') {
            yield step('probes, it is completed', become({}, { entries: put(state.entries, target, null) }));
          }
        }
        break;
      }
      case 'unsure':
        yield step('loads and finds its claim', become(isMine ? { stage: 'claimed' } : idle));
        break;
      case 'claimed':
        if (lease === 'free' || lease === me) {
          const leases = put(state.leases, occurrence, me);
          const next = instance.late && variant !== 'start_late_without_check' ? 'checking' : 'held';
          yield step('acquires', become({ stage: next, trusts: true }, { leases }));
          if (mayLose && lease === 'free') yield lose('acquires', become({}, { leases }));
        } else if (lease === 'done' || variant === 'drop_on_contended') {
          const entries = isMine ? put(state.entries, occurrence, null) : state.entries;
          yield step(lease === 'done' ? 'finds it completed' : 'drops it', become(idle, { entries }));
        } else {
          yield step('finds it contended', become(idle));
        }
        break;
      case 'checking': {
        const leases =
          lease === me && !isMine ? put(state.leases, occurrence, 'free' as const) : state.leases;
        if (isMine) yield step('finds its entry', become({ stage: 'held' }));
        else yield step('abandons', become(idle, { leases }));
        break;
      }
      case 'won': {
        const { seen } = instance;
        const same =
          entry !== null && seen !== null && entry.owner === seen.owner && entry.attempt === seen.attempt;
        if ((same || variant === 'takeover_without_entry_check') && (seen?.attempt ?? 0) < MAX_ATTEMPT) {
          const taken = { owner: me, attempt: (seen?.attempt ?? 0) + 1 };
          const entries = put(state.entries, occurrence, taken);
          yield step(
            'takes over',
            become({ stage: 'held', attempt: taken.attempt, seen: null }, { entries }),
          );
        } else {
          const leases = lease === me ? put(state.leases, occurrence, 'free' as const) : state.leases;
          yield step('abandons', become(idle, { leases }));
        }
        break;
      }
      case 'held': {
        if (!instance.trusts && variant !== 'takeover_without_lease') {
          yield step('no longer trusts its lease', become(idle));
          break;
        }
        const other = state.instances[1 - index] as Instance;
        const alone = !(other.stage === 'running' && other.occurrence === occurrence && other.trusts);
        const violation = state.completed[occurrence]
          ? 'an occurrence starts after it completed'
          : alone
            ? undefined
            : 'an occurrence runs twice under one lease';
        yield step('starts', become({ stage: 'running' }), violation);
        break;
      }
      case 'running':
        yield step('ends', become({ stage: 'ran' }, { ran: put(state.ran, occurrence, true) }));
        break;
      case 'ran': {
        const marker = variant === 'no_done_marker' ? ('free' as const) : ('done' as const);
        const leases = lease === me ? put(state.leases, occurrence, marker) : state.leases;
        const completed = lease === me ? put(state.completed, occurrence, true) : state.completed;
        yield step('releases', become({ stage: 'released', trusts: false }, { leases, completed }));
        if (mayLose && lease === me) yield lose('releases', become({ trusts: false }, { leases, completed }));
        break;
      }
      case 'released': {
        const entries = isMine ? put(state.entries, occurrence, null) : state.entries;
        const completed = isMine ? put(state.completed, occurrence, true) : state.completed;
        yield step('commits', become(idle, { entries, completed }));
        if (mayLose && isMine) yield lose('commits', become({}, { entries, completed }));
        break;
      }
    }
  }

  for (const occurrence of OCCURRENCES) {
    const holder = state.leases[occurrence];
    if (typeof holder !== 'number') continue;
    const index = holder >> 1;
    const instance = state.instances[index] as Instance;
    const gone = Math.min(instance.life, 1) !== (holder & 1) || instance.stage === 'down';
    // A lease that nobody renews any more runs out: its holder is gone, stalled, or has let go of it.
    const keeps =
      ['checking', 'held', 'running', 'ran', 'won'].includes(instance.stage) &&
      instance.occurrence === occurrence;
    if (!gone && !instance.stalled && keeps) continue;
    const leases = put(state.leases, occurrence, 'free' as const);
    const instances = state.instances.map((one, at) => {
      if (one.occurrence !== occurrence) return one;
      const late = one.late || one.stage === 'claimed' || one.stage === 'unsure';
      return { ...one, late, trusts: one.trusts && (at !== index || gone) };
    });
    yield {
      name: `the lease of ${occurrence + 1} runs out`,
      fault: false,
      state: { ...state, leases, instances },
    };
  }
}

function put<T>(list: readonly T[], at: number, value: T): readonly T[] {
  return list.map((one, index) => (index === at ? value : one));
}
