// Papa Parse under Node: prints `{ version, seconds, counts }` as JSON.
// Arguments: the task, and the package.json of the folder in which Papa Parse is installed.
import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { check } from './checks.mjs';

const task = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const require = createRequire(process.argv[3]);
const papa = require('papaparse');
const { version } = require('papaparse/package.json');

const best = { version, seconds: Infinity, counts: {} };
for (let time = 0; time < task.times; time += 1) {
  const start = performance.now();
  const stream = createReadStream(task.file, { encoding: 'utf8', highWaterMark: 4 * 1024 * 1024 });
  best.counts = await check(papa, stream, task);
  best.seconds = Math.min(best.seconds, (performance.now() - start) / 1000);
}
console.log(JSON.stringify(best));
