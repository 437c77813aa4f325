/*
 * A function's process: the script, run behind the wall.
 *
 *   START read -> script parsed -> run, each effect a question -> RESULT
 *
 * It is crm-worker itself, started anew with one argument and an empty
 * environment: of the worker's secrets and connections it has nothing. What
 * it knows came in START, one JSON object:
 *
 *     {"source", "arguments": {}, "types": {"name": "date"}, "now": ms,
 *      "user", "user_id", "zone": [[UTC second, offset], ...],
 *      "week_start", "week": [[from, to] x 7], "holidays": [day, ...],
 *      "effects": n}
 *
 * RESULT is {"status": "ok|threw|limit", "result", "log", "log_cut",
 * "statements", "effects", "error": {"text", "line", "column"}}.
 */

#ifndef CRM_WORKER_CHILD_H
#define CRM_WORKER_CHILD_H

/* The one argument that makes crm-worker this. */
#define CRM_WORKER_CHILD_ARGUMENT  "--behind-the-wall"

/* Of a function's result as JSON. */
#define CRM_WORKER_CHILD_RESULT    (10 * 1024 * 1024)


/* Returns the status to exit with: 0 when RESULT was written. */
int crm_worker_child(void);

#endif
