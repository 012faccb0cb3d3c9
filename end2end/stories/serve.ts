// A server of its own for a story, for what the one of all stories must not see.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export interface Own {
  address: string;
  /** Ends it, and waits until it is gone. */
  end: () => Promise<void>;
}

export async function serve(folder: string, ...contracts: string[]): Promise<Own> {
  const flags = contracts.flatMap((it) => ['--contract', it]);
  const server = spawn(
    process.env.TARAZU!,
    ['serve', '--addr', '127.0.0.1:0', '--data-dir', folder, '--assets', resolve('../target/site'), ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const exit = once(server, 'exit');
  const address = await new Promise<string>((found, failed) => {
    let said = '';
    const hear = (text: Buffer) => {
      said += text;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (address) found(address[0]);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.on('exit', () => failed(new Error(said)));
  });
  const end = async () => {
    server.kill();
    await exit;
  };
  return { address, end };
}
