/*
 * The worker's log: one line an event on stderr.
 *
 *   2026/11/22 00:00:00 [notice] crm worker: started, pid:42
 *
 * Lower case, no full stop, step first, then ids. Never a payload, never a
 * secret: callers pass names, ids and reasons only.
 */

#ifndef CRM_WORKER_LOG_H
#define CRM_WORKER_LOG_H


typedef enum {
    CRM_WORKER_LOG_ERROR = 0,
    CRM_WORKER_LOG_WARN,
    CRM_WORKER_LOG_NOTICE,
    CRM_WORKER_LOG_INFO,
    CRM_WORKER_LOG_DEBUG
} crm_worker_log_level_t;


/* Lines above this level are not written; CRM_WORKER_LOG_INFO at start. */
void crm_worker_log_set_level(crm_worker_log_level_t level);

/* 0 when there is no level of this name. */
int crm_worker_log_parse_level(crm_worker_log_level_t *level, const char *name);

/* One line; control characters are written as "?", long lines are cut. */
void crm_worker_log(crm_worker_log_level_t level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
