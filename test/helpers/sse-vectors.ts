/** As eventsource-parser tells it: what is not there was not sent. */
interface Dispatched {
  readonly data: string;
  readonly event?: string;
  readonly id?: string;
}

/** Streams, the events that a client is told of, and the cursor that it keeps; from WPT, eventsource/format-*. */
export const sseVectors: readonly (readonly [
  stream: string,
  events: readonly Dispatched[],
  lastEventId: string,
])[] = [
  ['data:  two\n\n', [{ data: ' two' }], ''],
  ['data:two\n\n', [{ data: 'two' }], ''],
  ['data:\ttwo\n\n', [{ data: '\ttwo' }], ''],
  ['data\n\n', [{ data: '' }], ''],
  ['data:\n\n', [{ data: '' }], ''],
  ['data:\ndata:\n\n', [{ data: '\n' }], ''],
  ['data: a\r\rdata: b\r\r', [{ data: 'a' }, { data: 'b' }], ''],
  ['data: a\r\n\r\ndata: b\r\n\r\n', [{ data: 'a' }, { data: 'b' }], ''],
  ['data: a\ndata: b\rdata: c\r\n\n', [{ data: 'a\nb\nc' }], ''],
  ['id: 1\0\ndata: a\n\n', [{ data: 'a' }], ''],
  ['id: 1\n\nid: 2\0\ndata: a\n\n', [{ data: 'a' }], '1'],
  ['id: 1\ndata: a\n\ndata: b\n\n', [{ data: 'a', id: '1' }, { data: 'b' }], '1'],
  [
    'id: 1\ndata: a\n\nid\ndata: b\n\n',
    [
      { data: 'a', id: '1' },
      { data: 'b', id: '' },
    ],
    '',
  ],
  ['id: 123\n\n', [], '123'],
  ['id: 1\n\nid: 2', [], '1'],
  ['event: x\n\ndata: y\n\n', [{ data: 'y' }], ''],
  ['event: x\ndata: y\n\ndata: z\n\n', [{ data: 'y', event: 'x' }, { data: 'z' }], ''],
  ['event:\ndata: y\n\n', [{ data: 'y' }], ''],
  ['DATA: no\nData: no\ndata : no\n data: no\ndata: yes\n\n', [{ data: 'yes' }], ''],
  ['other: x\ndata: yes\nother\n\n', [{ data: 'yes' }], ''],
  [': a comment\n:\ndata: yes\n: id: 5\n\n', [{ data: 'yes' }], ''],
  ['data: trunc', [], ''],
  ['data: trunc\n', [], ''],
  ['\uFEFFdata: a\n\n\uFEFFdata: b\n\n', [{ data: 'a' }], ''],
  ['\uFEFF\uFEFFdata: a\n\n', [], ''],
  ['data: Zoë ✓ 🚀\n\n', [{ data: 'Zoë ✓ 🚀' }], ''],
];
