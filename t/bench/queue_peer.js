// BullMQ, for queue.pl: the same deliveries as crm-worker's, by a worker of
// the peer, concurrency 50, connections kept alive.
//
//   queue_peer.js MODULES add SOCKET N URL    pushes N jobs, then exits
//   queue_peer.js MODULES run SOCKET N        delivers them, then exits
//
// It says "ready" when its worker is connected and begins with a line on
// stdin: what a process takes to start is not measured.

'use strict';

const [modules, what, socket, count, url] = process.argv.slice(2);
const http = require('http');
const { Queue, Worker } = require(modules + '/node_modules/bullmq');

const connection = { path: socket, maxRetriesPerRequest: null };
const body = JSON.stringify({ text: 'x'.repeat(1000) });
const n = Number(count);


async function add() {
    const queue = new Queue('webhooks', { connection });

    for (let i = 0; i < n; i += 1000) {
        await queue.addBulk(Array.from({ length: Math.min(1000, n - i) }, () =>
            ({ name: 'hook', data: { url, body },
               opts: { removeOnComplete: true, attempts: 10 } })));
    }

    await queue.close();
}


function deliver(agent, job) {
    return new Promise((resolve, reject) => {
        const request = http.request(job.data.url, {
            method: 'POST', agent, headers: {
                'content-type': 'application/json',
                'content-length': Buffer.byteLength(job.data.body),
                'webhook-id': job.id,
            },
        }, (answer) => {
            answer.resume();
            answer.on('end', () => answer.statusCode < 300 ? resolve()
                : reject(new Error('status ' + answer.statusCode)));
        });

        request.on('error', reject);
        request.end(job.data.body);
    });
}


async function run() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 50 });
    let done = 0;

    const worker = new Worker('webhooks', (job) => deliver(agent, job),
        { connection, concurrency: 50, autorun: false });

    await worker.waitUntilReady();
    worker.on('completed', () => {
        if (++done === 1) {
            console.log('begun');
        }

        if (done === n) {
            console.log('done');
        }
    });
    worker.on('error', (e) => console.error(e.message));

    process.stdin.once('data', () => worker.run());
    process.stdin.on('end', () => process.exit(0));
    console.log('ready');
}


(what === 'add' ? add() : run()).catch((e) => {
    console.error(e.stack);
    process.exit(1);
});
