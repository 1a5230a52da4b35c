import t from 'tap';
import { Leader } from '../../../src/herder/group/leader.ts';
import {
  decodeAssignment,
  encodeWorkerState,
  offsetBefore,
  positionBehind,
} from '../../../src/herder/group/protocol.ts';
import { EMPTY_CONFIG_STATE } from '../../../src/store/config-state.ts';

/** What a leader that has read so far tells each member of how far the assignment goes. */
function positions(members: ReadonlyArray<readonly [id: string, read: number, token: number | null]>, offset: number) {
  const assignments = new Leader('http://leader:1/', 0).assign(
    {
      protocol: 'sessioned',
      generation: 1,
      leaderId: members[0]![0],
      members: members.map(([memberId, read, token]) => ({
        memberId,
        groupInstanceId: null,
        metadata: encodeWorkerState(
          { url: `http://${memberId}:1/`, position: positionBehind(read), assignment: null, token },
          'sessioned',
        ),
      })),
    },
    { ...EMPTY_CONFIG_STATE, offset },
  );
  return Object.fromEntries(
    [...assignments].map(([id, bytes]) => [id, offsetBefore(decodeAssignment(bytes)!.position)]),
  );
}

t.test('what some member has not read yet waits for another assignment', async (t) => {
  t.strictSame(
    positions(
      [
        ['a', 9, 1],
        ['b', 7, 2],
      ],
      9,
    ),
    { a: 7, b: 7 },
  );
});

t.test(
  'Java’s workers are told how far the leader has read: they start nothing before they are exactly there',
  async (t) => {
    t.strictSame(
      positions(
        [
          ['a', 9, 1],
          ['java', 7, null],
          ['b', 9, 2],
        ],
        10,
      ),
      { a: 7, java: 10, b: 7 },
    );
  },
);

t.test('an empty topic and its first record are told as Java’s workers tell them', async (t) => {
  t.strictSame([-1, 0, 41].map(positionBehind), [-1, 1, 42]);
  t.strictSame([-1, 1, 42].map(offsetBefore), [-1, 0, 41]);
  t.strictSame(
    positions(
      [
        ['a', -1, 1],
        ['java', -1, null],
      ],
      -1,
    ),
    { a: -1, java: -1 },
  );
});
