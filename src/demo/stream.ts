/** One block of an SSE stream that carries an event. */
export interface StreamEntry {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Follows an SSE endpoint and keeps what arrives. */
export interface StreamFollower {
  readonly entries: readonly StreamEntry[];
  close(): void;
}

/** Opens the stream; resolves once the server has answered. */
export async function followStream(url: string): Promise<StreamFollower> {
  const abort = new AbortController();
  const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: abort.signal });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
  const entries: StreamEntry[] = [];
  void collect(response.body, entries).catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return { entries, close: () => abort.abort() };
}

async function collect(body: ReadableStream<Uint8Array>, entries: StreamEntry[]): Promise<void> {
  let pending = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    pending += text;
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => splitField(line)));
      const data = fields.get('data');
      if (data !== undefined) {
        entries.push({ id: fields.get('id') ?? '', event: fields.get('event') ?? 'message', data });
      }
    }
  }
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':');
  return colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
