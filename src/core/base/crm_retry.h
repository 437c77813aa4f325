/*
 * When to try a failed delivery again, and when to give up.
 *
 * Pure: the attempt, the answer and a random number go in, a delay comes out.
 * The default schedule is the one that Standard Webhooks recommends: ten
 * attempts over 75 hours, which outlasts a weekend.
 *
 *   attempt   1     2    3     4    5    6    7     8     9     10
 *   after     now   5s   5m    30m  2h   5h   10h   14h   20h   24h
 */

#ifndef CRM_RETRY_H
#define CRM_RETRY_H

#include "base/crm_status.h"
#include "base/crm_str.h"

#include <stdint.h>


/* A longer list would be a schedule of weeks: done ids are kept for one. */
#define CRM_RETRY_MAX_STEPS     32

/* Neither a step nor a Retry-After holds a job longer than a day. */
#define CRM_RETRY_MAX_DELAY_MS  (24 * 3600 * 1000LL)

/* What an overloaded endpoint (429, 502, 503, 504) is left alone at least. */
#define CRM_RETRY_BUSY_MS       (60 * 1000LL)


typedef struct {
    int64_t   steps_ms[CRM_RETRY_MAX_STEPS];  /* waits after attempt 1, 2... */
    unsigned  count;
    int64_t   busy_ms;      /* least wait after 429, 502, 503 and 504 */
} crm_retry_t;

typedef struct {
    unsigned  attempts;         /* made so far, the failed one included */
    int       status;           /* of the answer; 0: there was none */
    int64_t   retry_after_s;    /* as asked by the answer; -1: not asked */
    uint32_t  random;           /* any; spreads the delay by a fifth */
} crm_retry_failure_t;


/* The schedule drawn above. */
void crm_retry_default(crm_retry_t *retry);

/*
 * One that people have written: up to CRM_RETRY_MAX_STEPS times of a day at
 * most, such as "5s,5m,2h". It is taken as it stands: no least wait after 429.
 * CRM_EINVAL: it is none, and *retry is as before.
 */
crm_status_t crm_retry_parse(crm_retry_t *retry, crm_str_t text);

/* "500ms", "20s", "5m", "2h", or seconds without a unit. CRM_EINVAL: none. */
crm_status_t crm_retry_time(int64_t *ms, crm_str_t text);

/*
 * Sets *delay_ms to the wait before the next attempt. CRM_DECLINED when there
 * is none: the schedule is spent, or the endpoint said 410 Gone.
 */
crm_status_t crm_retry_next(int64_t *delay_ms, const crm_retry_t *retry,
    const crm_retry_failure_t *failure);

#endif
