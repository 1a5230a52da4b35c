import { kafka } from '../src/index.ts';

// Run as a process of its own by kafka.test.ts, which kills it.
const broker = await kafka({ jit: 'quick' });
process.stdout.write(`${JSON.stringify({ pid: broker.pid, dataDir: broker.dataDir })}\n`);
