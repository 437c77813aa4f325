/*
 * The schedule of retries: a step, spread by a fifth, raised by what the
 * endpoint asks for, bounded by a day.
 */

#include "queue/crm_retry.h"


/* The spread of a step: between 80 and 120 percent of it. */
#define SPREAD_PERCENT  20


static const int64_t  retry_steps_s[] = {
    5,
    5 * 60,
    30 * 60,
    2 * 3600,
    5 * 3600,
    10 * 3600,
    14 * 3600,
    20 * 3600,
    24 * 3600
};


static int      retry_busy(int status);
static int64_t  retry_spread(int64_t ms, uint32_t random);


void
crm_retry_default(crm_retry_t *retry)
{
    unsigned  i;

    retry->count = sizeof(retry_steps_s) / sizeof(retry_steps_s[0]);
    retry->busy_ms = CRM_RETRY_BUSY_MS;

    for (i = 0; i < retry->count; i++) {
        retry->steps_ms[i] = retry_steps_s[i] * 1000;
    }
}


crm_status_t
crm_retry_next(int64_t *delay_ms, const crm_retry_t *retry,
    const crm_retry_failure_t *failure)
{
    int64_t  asked, delay, least;

    if (failure->status == 410
        || failure->attempts == 0
        || failure->attempts > retry->count)
    {
        return CRM_DECLINED;
    }

    least = retry->steps_ms[failure->attempts - 1];
    delay = retry_spread(least, failure->random);

    if (retry_busy(failure->status) && delay < retry->busy_ms) {
        delay = retry->busy_ms;
    }

    if (failure->retry_after_s >= 0) {
        asked = CRM_RETRY_MAX_DELAY_MS;

        if (failure->retry_after_s < CRM_RETRY_MAX_DELAY_MS / 1000) {
            asked = failure->retry_after_s * 1000;
        }

        if (asked < least) {
            asked = least;
        }

        if (delay < asked) {
            delay = asked;
        }
    }

    if (delay > CRM_RETRY_MAX_DELAY_MS) {
        delay = CRM_RETRY_MAX_DELAY_MS;
    }

    *delay_ms = delay;

    return CRM_OK;
}


static int
retry_busy(int status)
{
    return status == 429 || (status >= 502 && status <= 504);
}


/* random 0 is the lower end, UINT32_MAX the upper. */
static int64_t
retry_spread(int64_t ms, uint32_t random)
{
    int64_t  width;

    width = ms * 2 * SPREAD_PERCENT / 100;

    return ms - width / 2
           + (int64_t) ((double) width * ((double) random / UINT32_MAX));
}
