// Writes the Brotli form (quality 11) of each named file beside it, unless a newer one is there, and prints
// `name bytes compressed` for each. Node brings a fast encoder; one in a debug build of xtask takes a minute.
import { constants, brotliCompressSync } from 'node:zlib';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

for (const path of process.argv.slice(2)) {
  const packed = `${path}.br`;
  const written = statSync(packed, { throwIfNoEntry: false });
  if (!written || written.mtimeMs < statSync(path).mtimeMs) {
    const bytes = readFileSync(path);
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    writeFileSync(packed, brotliCompressSync(bytes, { params }));
  }
  console.log(basename(path), statSync(path).size, statSync(packed).size);
}
