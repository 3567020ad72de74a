// What every test needs: a client, names of its own, bounded waiting, brokers beside the shared one.
'use strict';

const { randomBytes } = require('node:crypto');
const { createConnection } = require('node:net');
const { createInterface } = require('node:readline');
const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = require('kafkajs');

CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy');

const LIMIT = 45_000;
// Within the last week, or retention would take the records before they are read.
const BASE = Date.now() - 3_600_000;

const bootstrap = process.env.MILLRACE_TEST_BOOTSTRAP;

const unique = (prefix) => `${prefix}-${randomBytes(6).toString('hex')}`;

function kafka(brokers = [bootstrap]) {
  const retry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 60 };
  return new Kafka({ clientId: 'kafkajs', brokers, logLevel: logLevel.NOTHING, retry });
}

async function eventually(what, probe) {
  let reason;
  for (const end = Date.now() + LIMIT; Date.now() < end; ) {
    try {
      if (await probe()) return;
    } catch (error) {
      reason = error;
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`waited ${LIMIT} ms for ${what}`, { cause: reason });
}

async function withAdmin(work, brokers) {
  const admin = kafka(brokers).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function createTopic(partitions = 1, brokers = [bootstrap], configs = {}) {
  const topic = unique('js');
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  await withAdmin(async (admin) => {
    // KafkaJS would give up when the leaders are not known at once.
    const topics = [{ topic, numPartitions: partitions, configEntries }];
    await admin.createTopics({ topics, waitForLeaders: false });
    await eventually(`the partitions of ${topic}`, async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0].partitions.length === partitions;
    });
  }, brokers);
  return topic;
}

async function send(topic, messages, options = {}, producerOptions = {}, brokers = [bootstrap]) {
  const producer = kafka(brokers).producer(producerOptions);
  await producer.connect();
  try {
    return await producer.send({ topic, messages, ...options });
  } finally {
    await producer.disconnect();
  }
}

/** A consumer that runs until it is stopped and remembers what it got. */
class Member {
  constructor(groupId, topic, options = {}, brokers = [bootstrap]) {
    this.messages = [];
    this.owned = [];
    this.topic = topic;
    this.consumer = kafka(brokers).consumer({
      groupId, sessionTimeout: 6000, rebalanceTimeout: 6000, heartbeatInterval: 300,
      maxWaitTimeInMs: 200, metadataMaxAge: 1000, ...options,
    });
    this.consumer.on('consumer.group_join', ({ payload }) => {
      this.owned = payload.memberAssignment[topic] ?? [];
    });
  }

  async start(run = {}) {
    await this.consumer.connect();
    await this.consumer.subscribe({ topic: this.topic, fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ partition, message }) => {
        this.messages.push({ partition, ...message });
      },
      ...run,
    });
    return this;
  }

  async stop() {
    this.owned = [];
    await this.consumer.disconnect();
  }

  got(count) {
    return eventually(`${count} messages`, () => this.messages.length >= count);
  }
}

const settled = (shares, ...members) =>
  eventually(`shares of ${shares}`, () =>
    members.every((member, index) => member.owned.length === shares[index]));

/** Everything of a topic from its beginning. */
async function read(topic, count, options = {}) {
  const member = await new Member(unique('g'), topic, options).start();
  try {
    await member.got(count);
    return member.messages;
  } finally {
    await member.stop();
  }
}

/** A broker for tests that stop or kill it. */
class OwnBroker {
  static async start(...properties) {
    const broker = new OwnBroker();
    const [host, port] = process.env.MILLRACE_TEST_CONTROL.split(':');
    broker.socket = createConnection(Number(port), host);
    broker.answers = createInterface({ input: broker.socket })[Symbol.asyncIterator]();
    [broker.id, broker.bootstrap] = (await broker.ask(`start ${properties.join('\t')}`)).split(' ');
    return broker;
  }

  async ask(line) {
    this.socket.write(`${line}\n`);
    const { value = 'no answer' } = await this.answers.next();
    if (!value.startsWith('ok')) throw new Error(`${line}: ${value}`);
    return value.slice(3);
  }

  do(verb) {
    return this.ask(`${verb} ${this.id}`);
  }

  async drop() {
    await this.do('drop');
    this.socket.destroy();
  }
}

module.exports = {
  BASE, Member, OwnBroker, bootstrap, createTopic, eventually, kafka, read, send, settled, unique, withAdmin,
};
