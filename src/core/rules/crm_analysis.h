/*
 * What is suspicious in a set of rules although each document by itself is
 * right: criteria that no record can match, conditions that are never reached,
 * rules that write against one another or start one another in a circle,
 * actions that nothing uses, limits.
 *
 * It works on the documents, not on the compiled set, so that a mistake in one
 * hides nothing in the others, and it is for people who write rules: nginx
 * never runs it. What it calls impossible is proven; what it cannot prove it
 * does not mention. Its work is bounded, however many rules there are.
 */

#ifndef CRM_ANALYSIS_H
#define CRM_ANALYSIS_H

#include "rules/crm_analysis_limit.h"


/*
 * Adds to findings what is found in bundle (see crm_ruleset_create()). Only
 * its first own objects are looked at by themselves; a finding about two
 * stands at one of them. limits may be NULL: the usual ones. CRM_OK or
 * CRM_ENOMEM.
 */
crm_status_t crm_analysis_run(const json_t *bundle, size_t own,
    const crm_analysis_limits_t *limits, const crm_host_t *host,
    crm_findings_t *findings);

#endif
