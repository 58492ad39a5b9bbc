/** Calls by which a package of npm, or of Node.js, reaches something that no rollback of a database undoes. */
export interface Sender {
  readonly packages: readonly string[];
  /** The method that sends; `default` where the default export itself is called. */
  readonly methods: RegExp;
  /**
   * - `request`: another server is asked over HTTP and the answer waited for.
   * - `message`: to a broker. `job`: into a queue that workers read. `mail`: to a person.
   * - `signal`: to listeners, in this process or on sockets.
   */
  readonly kind: 'request' | 'message' | 'job' | 'mail' | 'signal';
  /** As in "sends …". */
  readonly what: string;
  /** The command that has to be given, for clients whose every call is `send`. */
  readonly command?: RegExp;
  /** It gives no promise of having sent: there is nothing to wait for. */
  readonly isSynchronous?: boolean;
  /** It gives an Observable, which sends once something asks it for its value. */
  readonly isObservable?: boolean;
}

const REQUEST = { kind: 'request', what: 'an HTTP request' } as const;
const MAIL = { kind: 'mail', what: 'a mail' } as const;
const JOB = { kind: 'job', what: 'a job to a queue' } as const;
const SIGNAL = { kind: 'signal', what: 'an event to listeners', isSynchronous: true } as const;
const VERBS = /^(?:default|get|post|put|patch|delete|head|request|fetch)$/;

export const senders: readonly Sender[] = [
  { ...REQUEST, packages: ['axios', 'got', 'ky', 'superagent', 'needle', 'ofetch'], methods: VERBS },
  { ...REQUEST, packages: ['node-fetch', 'cross-fetch', 'isomorphic-fetch'], methods: /^(?:default|fetch)$/ },
  { ...REQUEST, packages: ['@nestjs/axios'], methods: VERBS, isObservable: true },
  { ...REQUEST, packages: ['undici'], methods: /^(?:fetch|request|stream)$/ },
  { ...REQUEST, packages: ['node:http', 'node:https', 'http', 'https'], methods: /^(?:request|get)$/ },
  {
    ...REQUEST,
    packages: ['stripe'],
    methods: /^(?:create|update|del|cancel|confirm|capture|pay|retrieve)$/,
  },
  { ...REQUEST, packages: ['openai', '@anthropic-ai/sdk'], methods: /^create$/ },
  { kind: 'message', what: 'a message to Kafka', packages: ['kafkajs'], methods: /^send(?:Batch)?$/ },
  {
    kind: 'message',
    what: 'a message to RabbitMQ',
    packages: ['amqplib', 'amqp-connection-manager', '@golevelup/nestjs-rabbitmq'],
    methods: /^(?:publish|sendToQueue)$/,
    isSynchronous: true,
  },
  {
    kind: 'message',
    what: 'a message to Redis',
    packages: ['ioredis', 'redis'],
    methods: /^(?:publish|xadd)$/i,
  },
  {
    kind: 'message',
    what: 'a message to NATS',
    packages: ['nats'],
    methods: /^publish$/,
    isSynchronous: true,
  },
  { kind: 'message', what: 'a message over MQTT', packages: ['mqtt'], methods: /^publish(?:Async)?$/ },
  {
    kind: 'message',
    what: 'a message to AWS',
    packages: ['sns', 'sqs', 'eventbridge', 'kinesis'].map((name) => `@aws-sdk/client-${name}`),
    methods: /^send$/,
    command: /^(?:Publish|SendMessage|PutEvents|PutRecord)/,
  },
  {
    kind: 'message',
    what: 'a message to Pub/Sub',
    packages: ['@google-cloud/pubsub'],
    methods: /^publish(?:Message|JSON)?$/,
  },
  {
    kind: 'message',
    what: 'a message to another service',
    packages: ['@nestjs/microservices'],
    methods: /^emit$/,
    isSynchronous: true,
  },
  { kind: 'message', what: 'a message to browsers', packages: ['pusher'], methods: /^trigger(?:Batch)?$/ },
  { ...JOB, packages: ['bull', 'bullmq', '@nestjs/bull', '@nestjs/bullmq'], methods: /^add(?:Bulk)?$/ },
  { ...JOB, packages: ['inngest'], methods: /^send$/ },
  { ...JOB, packages: ['@upstash/qstash'], methods: /^publish(?:JSON)?$/ },
  { ...MAIL, packages: ['nodemailer', '@nestjs-modules/mailer'], methods: /^sendMail$/ },
  { ...MAIL, packages: ['resend', '@sendgrid/mail'], methods: /^send(?:Multiple)?$/ },
  { ...MAIL, packages: ['postmark'], methods: /^sendEmail(?:WithTemplate|Batch)?$/ },
  {
    ...MAIL,
    packages: ['@aws-sdk/client-ses', '@aws-sdk/client-sesv2'],
    methods: /^send$/,
    command: /^Send(?:Raw|Templated|Bulk|BulkTemplated)?Email/,
  },
  {
    ...SIGNAL,
    packages: ['node:events', 'events', 'eventemitter2', 'eventemitter3', '@nestjs/event-emitter', 'mitt'],
    methods: /^emit$/,
  },
  {
    ...SIGNAL,
    what: 'an event to sockets',
    packages: ['socket.io', '@socket.io/redis-emitter'],
    methods: /^emit$/,
  },
];
