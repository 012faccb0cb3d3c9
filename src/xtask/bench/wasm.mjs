// Judges a file with the worker's WASM under Node, and prints `{ verdict, figures, rows, memory }` as JSON: the best
// seconds from asking to the verdict and to the sales figures that follow it, and the bytes of WASM memory
// afterwards. The worker is the one that the pages start; what a browser's worker has and Node has not, stands in
// here.
// Arguments: the site's folder, the file, the moment of judging, how often.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [site, file, evaluatedAt, times] = process.argv.slice(2);

class Bytes {
  name = 'bench.csv';
  constructor(bytes) {
    this.bytes = bytes;
    this.size = bytes.length;
  }
  slice(from = 0, to = this.size) {
    return new Bytes(this.bytes.subarray(from, to));
  }
  async arrayBuffer() {
    return this.bytes.slice().buffer;
  }
}

const anything = class {
  static [Symbol.hasInstance]() {
    return true;
  }
};

const listeners = [];
let answer = () => {};
Object.defineProperties(globalThis, {
  self: { value: globalThis, configurable: true },
  Blob: { value: Bytes, configurable: true },
  File: { value: Bytes, configurable: true },
  // A browser copies what it reads, and so does this.
  FileReaderSync: {
    value: class {
      readAsArrayBuffer(blob) {
        return blob.bytes.slice().buffer;
      }
    },
  },
  // One worker is measured, so that it shall not look for help.
  navigator: { value: { hardwareConcurrency: 1 }, configurable: true },
  WorkerGlobalScope: { value: anything, configurable: true },
  DedicatedWorkerGlobalScope: { value: anything, configurable: true },
  postMessage: { value: (message) => answer(JSON.parse(message.text)), configurable: true },
  addEventListener: {
    value: (type, listener) => type === 'message' && listeners.push(listener),
    configurable: true,
  },
});

const buffer = readFileSync(file);
const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

const ready = new Promise((resolve) => {
  answer = (said) => said === 'ready' && resolve();
});
const { default: init } = await import(pathToFileURL(join(site, 'worker.js')));
const { memory } = await init({ module_or_path: readFileSync(join(site, 'worker_bg.wasm')) });
await ready;

// What the worker tells is timed at the moment when it is told.
async function judge(id) {
  const told = {};
  const answered = new Promise((resolve, reject) => {
    answer = (said) => {
      const [[tell, data]] = Object.entries(said);
      told[tell] = { said: data, at: performance.now() };
      if (tell === 'failed') reject(new Error(data.text));
      if (tell === 'sales') resolve();
    };
  });
  const text = JSON.stringify({ judge: { evaluated_at: evaluatedAt, choice: {} } });
  const event = { data: { id, text, file: new Bytes(bytes) } };
  const start = performance.now();
  for (const listener of globalThis.onmessage ? [globalThis.onmessage, ...listeners] : listeners) listener(event);
  await answered;
  return {
    verdict: told.judged.at - start,
    figures: told.sales.at - start,
    rows: told.judged.said.verdict.rows.read,
  };
}

const best = { verdict: Infinity, figures: Infinity, rows: 0, memory: 0 };
for (let id = 1; id <= Number(times); id += 1) {
  const { verdict, figures, rows } = await judge(id);
  best.verdict = Math.min(best.verdict, verdict / 1000);
  best.figures = Math.min(best.figures, figures / 1000);
  best.rows = rows;
}
console.log(JSON.stringify({ ...best, memory: memory.buffer.byteLength }));
