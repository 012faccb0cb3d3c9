// Hands a file in with tus-js-client, the usual client of the protocol, to a server that is killed on the way.
// Arguments: tarazu, a folder for its data, and the package.json beside which the client is installed.
import assert from 'node:assert';
import { spawn } from 'node:child_process';
import { createReadStream, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';

const [tarazu, folder, packages] = process.argv.slice(2);
const tus = createRequire(packages)('tus-js-client');
const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const base = `http://127.0.0.1:${port}`;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const run = (...args) => {
  const child = spawn(tarazu, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, TARAZU_LOG: 'error' } });
  process.on('exit', () => child.kill('SIGKILL'));
  return { child, ended: new Promise((resolve) => child.on('exit', resolve)) };
};
const serve = async () => {
  const server = run('serve', '--addr', `127.0.0.1:${port}`, '--data-dir', join(folder, 'data'));
  for (;;) {
    if (await fetch(`${base}/healthz`).then((it) => it.ok, () => false)) return server;
    await pause(50);
  }
};

async function aFileArrivesAlthoughTheServerIsKilled() {
  const path = join(folder, 'sales.csv');
  await run('generate', '--rows', '300000', '--seed', '7', '--end', '2026-02-01', '--out', path).ended;
  const bytes = statSync(path).size;
  let server = await serve();
  const sent = [];
  let killed;
  let run_id;
  await new Promise((resolve, reject) => {
    const upload = new tus.Upload(createReadStream(path), {
      endpoint: `${base}/api/v1/uploads`,
      chunkSize: 4 << 20,
      uploadSize: bytes,
      retryDelays: [100, 300, 1000, 3000, 3000],
      metadata: { filename: 'sales.csv', filetype: 'text/csv', note: 'by tus' },
      onBeforeRequest: (request) => {
        if (request.getMethod() === 'PATCH') sent.push(Number(request.getHeader('Upload-Offset')));
      },
      onChunkComplete: (_, accepted) => {
        if (killed || accepted < bytes / 3) return;
        killed = (async () => {
          server.child.kill('SIGKILL');
          await server.ended;
          server = await serve();
        })();
      },
      onAfterResponse: (_, response) => {
        run_id = response.getHeader('tarazu-run') ?? run_id;
      },
      onSuccess: resolve,
      onError: reject,
    });
    upload.start();
  });
  assert(killed, 'the server was not killed');
  await killed;
  // Not once more from the start.
  assert.strictEqual(sent.filter((it) => it === 0).length, 1, `${sent}`);
  let found;
  do {
    await pause(100);
    found = await fetch(`${base}/api/v1/runs/${run_id}`).then((it) => it.json());
  } while (found.status === 'running');
  assert.strictEqual(found.status, 'complete', found.reason);
  assert.deepStrictEqual([found.file_name, found.note, found.file_bytes], ['sales.csv', 'by tus', bytes]);
}

async function anEndedUploadIsGone() {
  const upload = new tus.Upload(Buffer.from('order_id'), { endpoint: `${base}/api/v1/uploads`, chunkSize: 4 });
  const address = await new Promise((resolve, reject) => {
    upload.options.onChunkComplete = () => upload.abort().then(() => resolve(upload.url), reject);
    upload.options.onError = reject;
    upload.start();
  });
  await tus.Upload.terminate(new URL(address, base).href, {});
  const left = await fetch(`${base}/api/v1/uploads`).then((it) => it.json());
  assert.deepStrictEqual(left.uploads, []);
}

let failed = 0;
const tests = [aFileArrivesAlthoughTheServerIsKilled, anEndedUploadIsGone];
for (const test of tests) {
  try {
    await test();
    console.log(`tus-js-client: ${test.name} ... ok`);
  } catch (error) {
    failed += 1;
    console.log(`tus-js-client: ${test.name} ... FAILED\n${error.stack}`);
  }
}
console.log(`test result: ${failed ? 'FAILED' : 'ok'}. ${tests.length - failed} passed; ${failed} failed`);
process.exit(failed ? 1 : 0);
