import {
  boolean,
  type Config,
  className,
  defineSink,
  defineSource,
  double,
  int,
  list,
  long,
  parseConfig,
  password,
  type Secret,
  short,
  string,
} from '@tributary/api';
import t from 'tap';

/** Compiles only if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._proof: Same<A, B> extends true ? [] : ['types differ']): void => {};

const def = {
  text: string({ doc: 'required' }),
  mode: string({ oneOf: ['quotes', 'bars'], default: 'quotes', doc: 'one of a few' }),
  modeOrNull: string({ oneOf: ['quotes', 'bars'], default: null, doc: 'one of a few, or none' }),
  size: int({ default: 10, min: 1, doc: 'a number' }),
  port: short({ doc: 'a small number' }),
  position: long({ default: null, doc: 'a long, or none' }),
  ratio: double({ default: 0.5, doc: 'a double' }),
  on: boolean({ default: false, doc: 'a flag' }),
  symbols: list({ default: [], doc: 'a list' }),
  plugin: className({ default: null, doc: 'a class' }),
  secret: password({ doc: 'a secret' }),
};

t.test('the type of a parsed config follows from its definition', (t) => {
  type C = Config<typeof def>;
  same<C['text'], string>();
  same<C['mode'], 'quotes' | 'bars'>();
  same<C['modeOrNull'], 'quotes' | 'bars' | null>();
  same<C['size'], number>();
  same<C['port'], number>();
  same<C['position'], number | null>();
  same<C['ratio'], number>();
  same<C['on'], boolean>();
  same<C['symbols'], readonly string[]>();
  same<C['plugin'], string | null>();
  same<C['secret'], Secret>();
  // @ts-expect-error a key that is not defined
  void ((c: C) => c.missing);
  const { config, errors } = parseConfig(def, { text: 'x', port: '7', secret: 's' });
  t.equal(errors.size, 0);
  t.match(config, {
    text: 'x',
    mode: 'quotes',
    modeOrNull: null,
    size: 10,
    port: 7,
    position: null,
    ratio: 0.5,
    on: false,
  });
  t.end();
});

t.test('connectors see the inferred config', (t) => {
  const source = defineSource({
    class: 'test.Source',
    version: '1',
    config: { rate: int({ default: 1, doc: 'rate' }), file: string({ default: null, doc: 'file' }) },
    async *run(config) {
      same<typeof config.rate, number>();
      same<typeof config.file, string | null>();
      // @ts-expect-error not in the definition
      void config.other;
      yield [{ topic: 't', value: config.rate }];
    },
  });
  t.equal(source.kind, 'source');
  const sink = defineSink({
    class: 'test.Sink',
    version: '1',
    config: { url: string({ doc: 'where' }) },
    start(config) {
      same<typeof config.url, string>();
      return { put() {} };
    },
  });
  t.equal(sink.kind, 'sink');
  t.end();
});
