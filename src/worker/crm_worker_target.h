/*
 * Where a request goes: its URL, taken apart once.
 *
 * What is judged here is what libcurl is handed afterwards: the parsed URL,
 * never its text again.
 */

#ifndef CRM_WORKER_TARGET_H
#define CRM_WORKER_TARGET_H

#include "base/crm_status.h"
#include "base/crm_str.h"

#include <curl/curl.h>


typedef struct {
    CURLU     *url;
    char      *host;        /* a name in ASCII, or an address; no brackets */
    unsigned   port;
    int        https;
} crm_worker_target_t;


/* Of URLs that are made here: the fields that a look-up asks for stand in
 * them. Servers take twice as much. */
#define CRM_WORKER_TARGET_MAX_OWN  4096

/*
 * Takes text apart. CRM_EINVAL with a sentence: no http or https URL, longer
 * than max_bytes (at most CRM_WORKER_TARGET_MAX_OWN; others may give
 * CRM_MAX_URL), with a user in it, or with bytes that no URL holds. CRM_ENOMEM.
 */
crm_status_t crm_worker_target_parse(crm_worker_target_t *target,
    crm_str_t text, size_t max_bytes, crm_error_t *err);

/* The same, of CRM_MAX_URL, for any scheme that has a host: where is it? */
crm_status_t crm_worker_target_parse_any(crm_worker_target_t *target,
    crm_str_t text, crm_error_t *err);

void crm_worker_target_clean(crm_worker_target_t *target);

#endif
