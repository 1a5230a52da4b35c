import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { Link } from '../src/link.ts';
import { until } from './until.ts';

/** A server that answers each byte with the same one, behind a link, and a connection to it. */
async function echoBehind(t: Test) {
  let seen = '';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      seen += data;
      socket.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const link = await Link.open((server.address() as AddressInfo).port);
  let answers = '';
  const client: Socket = connect(link.port, '127.0.0.1');
  client.on('data', (data) => {
    answers += data;
  });
  client.on('error', () => undefined);
  t.teardown(async () => {
    client.destroy();
    await link.close();
    server.close();
  });
  client.write('a');
  await until('the first byte comes back', () => answers === 'a');
  return { link, client, seen: () => seen, answers: () => answers };
}

t.test('what is held on its way to the server arrives when the link is whole again', async (t) => {
  const { link, client, seen, answers } = await echoBehind(t);
  link.fault = 'requests';
  client.write('b');
  const late = connect(link.port, '127.0.0.1');
  late.write('c');
  await once(late, 'connect');
  t.equal(seen(), 'a');
  link.fault = null;
  await until('all of it arrived', () => [...seen()].sort().join('') === 'abc');
  await until('and was answered', () => answers() === 'ab');
  late.destroy();
});

t.test('where answers are held, the server has had the request', async (t) => {
  const { link, client, seen, answers } = await echoBehind(t);
  link.fault = 'answers';
  client.write('b');
  await until('it arrived', () => seen() === 'ab');
  t.equal(answers(), 'a');
  link.fault = null;
  await until('the answer comes late', () => answers() === 'ab');
});

t.test('a link that refuses breaks its connections, also new ones', async (t) => {
  const { link, client } = await echoBehind(t);
  const closed = once(client, 'close');
  link.fault = 'refused';
  await closed;
  const late = connect(link.port, '127.0.0.1');
  late.on('error', () => undefined);
  await once(late, 'close');
  t.equal(link.fault, 'refused');
});
