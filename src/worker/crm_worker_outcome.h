/*
 * How a delivery ended: what a deliverer hands back to dispatch.
 */

#ifndef CRM_WORKER_OUTCOME_H
#define CRM_WORKER_OUTCOME_H

#include "state/crm_cmd.h"

#include <stdint.h>


typedef enum {
    CRM_WORKER_DELIVERED = 0,
    CRM_WORKER_FAILED,          /* may work later: retry until given up */
    CRM_WORKER_REFUSED,         /* will never work: dead at once */
    CRM_WORKER_SPLIT,           /* the job becomes its parts */
    CRM_WORKER_SETTLED          /* Redis has been told already */
} crm_worker_verdict_t;

typedef struct {
    crm_worker_verdict_t  verdict;
    int                   status;           /* of HTTP, or a relay that refuses;
                                               0: no answer */
    int64_t               retry_after_s;    /* -1: not asked for */
    crm_health_t          health;           /* of the endpoint */
    int64_t               busy_ms;          /* of FAILED, above 0: no attempt
                                               was made of it; again then */
    char                  reason[200];      /* class[: sentence], UTF-8 */
} crm_worker_outcome_t;


/*
 * Classes of failure, as they stand in the dead list and in logs. The rest of
 * the words are status_NNN, what the endpoint itself answered.
 */
#define CRM_WORKER_DNS_ERROR           "dns_error"
#define CRM_WORKER_CONNECTION_REFUSED  "connection_refused"
#define CRM_WORKER_CONNECT_ERROR       "connect_error"
#define CRM_WORKER_CONNECTION_LOST     "connection_lost"
#define CRM_WORKER_TLS_ERROR           "tls_error"
#define CRM_WORKER_TIMEOUT             "timeout"
#define CRM_WORKER_BAD_ANSWER          "bad_answer"
#define CRM_WORKER_NO_MEMORY           "no_memory"
#define CRM_WORKER_SECRET_ERROR        "secret_error"
#define CRM_WORKER_FOREIGN_SECRET      "foreign_secret"
#define CRM_WORKER_BLOCKED_ADDRESS     "blocked_address"
#define CRM_WORKER_BLOCKED_PORT        "blocked_port"
#define CRM_WORKER_PLAIN_HTTP          "plain_http"
#define CRM_WORKER_NO_BACKEND          "no_backend"
#define CRM_WORKER_BACKEND_ERROR       "backend_error"
#define CRM_WORKER_NO_RULES            "no_rules"
#define CRM_WORKER_NO_REDIS            "no_redis"
#define CRM_WORKER_FOREIGN_RECORD      "foreign_record"
#define CRM_WORKER_NO_TURN             "no_turn"
#define CRM_WORKER_NO_CHAIN_KEY        "no_chain_key"
#define CRM_WORKER_MALFORMED_JOB       "malformed_job"
#define CRM_WORKER_UNSUPPORTED_TYPE    "unsupported_type"
#define CRM_WORKER_NO_RECIPIENT        "no_recipient"
#define CRM_WORKER_OVER_QUOTA          "over_quota"


/* Fills *outcome, health unknown; class and sentence (which may be NULL) are
 * cut to fit. */
void crm_worker_outcome_set(crm_worker_outcome_t *outcome,
    crm_worker_verdict_t verdict, const char *class, const char *sentence);

#endif
