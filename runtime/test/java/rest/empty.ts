import { ask, differs, type Group } from '../steps.ts';

/** What nobody has created yet. */
export const EMPTY: Group = [
  'an empty worker',
  [
    differs(
      ['GET', '/'],
      { status: 200, body: { version: '4.1.0', commit: String, kafka_cluster_id: String } },
      { status: 200, body: { version: '4.1.0', commit: String, kafka_cluster_id: String, tributary_version: String } },
      'our own version is shown beside that of the contract',
    ),
    ask('HEAD', '/'),
    ask('GET', '/health'),
    ask('GET', '/health/'),
    ask('GET', '/connectors'),
    ask('GET', '/connectors/'),
    ask('HEAD', '/connectors'),
    ask('GET', '/connectors?expand=status&expand=info'),
    ask('GET', '/connectors?expand=zz'),
    ask('GET', '/connectors?expand='),
    ask('GET', '/connector-plugins'),
    ask('GET', '/connector-plugins/'),
    ask('GET', '/connector-plugins?connectorsOnly=true'),
  ],
];
