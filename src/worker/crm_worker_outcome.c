/*
 * How a delivery ended.
 */

#include "crm_worker_outcome.h"

#include <stdio.h>
#include <string.h>


void
crm_worker_outcome_set(crm_worker_outcome_t *outcome,
    crm_worker_verdict_t verdict, const char *class, const char *sentence)
{
    size_t  len;

    memset(outcome, 0, sizeof(crm_worker_outcome_t));
    outcome->verdict = verdict;
    outcome->retry_after_s = -1;

    snprintf(outcome->reason, sizeof(outcome->reason), "%s%s%s", class,
             sentence ? ": " : "", sentence ? sentence : "");

    /* a character that was cut in two would not be UTF-8 any more */
    len = strlen(outcome->reason);

    if (len == sizeof(outcome->reason) - 1) {
        while (len > 0 && (outcome->reason[len - 1] & 0xc0) == 0x80) {
            len--;
        }

        if (len > 0 && (outcome->reason[len - 1] & 0x80)) {
            len--;
        }

        outcome->reason[len] = '\0';
    }
}
