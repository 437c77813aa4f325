/*
 * The schedule of retries: a step, spread by a fifth, raised by what the
 * endpoint asks for, bounded by a day.
 */

#include "base/crm_retry.h"


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
crm_retry_parse(crm_retry_t *retry, crm_str_t text)
{
    size_t       i, start;
    int64_t      ms;
    crm_retry_t  own;

    own.count = 0;
    own.busy_ms = 0;

    for (i = 0; i <= text.len; i++) {
        for (start = i; i < text.len && text.data[i] != ','; i++) {
            /* void */
        }

        if (own.count == CRM_RETRY_MAX_STEPS
            || crm_retry_time(&ms, crm_str(text.data + start, i - start))
               != CRM_OK
            || ms > CRM_RETRY_MAX_DELAY_MS)
        {
            return CRM_EINVAL;
        }

        own.steps_ms[own.count++] = ms;
    }

    *retry = own;

    return CRM_OK;
}


crm_status_t
crm_retry_time(int64_t *ms, crm_str_t text)
{
    size_t   i;
    int64_t  n;

    static const struct {
        const char  *unit;
        int64_t      ms;
    } units[] = {
        { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 },
        { "h", 3600 * 1000 }
    };

    n = 0;

    for (i = 0; i < text.len && i < 9; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            break;
        }

        n = n * 10 + (text.data[i] - '0');
    }

    if (i == 0) {
        return CRM_EINVAL;
    }

    text.data += i;
    text.len -= i;

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (crm_str_is(text, units[i].unit)) {
            *ms = n * units[i].ms;
            return CRM_OK;
        }
    }

    return CRM_EINVAL;
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
