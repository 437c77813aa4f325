/*
 * Secrets by name: "env:NAME" and "file:NAME".
 *
 * Rules and jobs hold names only. A name of the environment must have been
 * given as --secret-env; a file must lie in --secrets and its name match
 * [A-Za-z0-9_.-]+ without a dot in front, so that no name leads elsewhere.
 * What was read stays in memory until crm_worker_secret_forget(), which
 * SIGHUP calls; what could not be read is tried anew each time.
 *
 * A secret that an organisation's backend is called with is the backend's
 * alone: nothing else of that organisation may name it.
 */

#ifndef CRM_WORKER_SECRET_H
#define CRM_WORKER_SECRET_H

#include "crm_worker_config.h"
#include "crm_worker_sign.h"


/* A file of keys, each on a line of its own. */
#define CRM_WORKER_SECRET_MAX_BYTES  (16 * 1024)

/* As a header's value: what servers take in a line. */
#define CRM_WORKER_SECRET_MAX_TEXT   (8 * 1024)

typedef struct crm_worker_secret_s  crm_worker_secret_t;
typedef struct crm_worker_reserved_s  crm_worker_reserved_t;

typedef struct {
    const crm_worker_config_t  *config;
    crm_worker_secret_t        *known;
    crm_worker_reserved_t      *reserved;
} crm_worker_secrets_t;


void crm_worker_secret_init(crm_worker_secrets_t *secrets,
    const crm_worker_config_t *config);

/*
 * Sets *keys to the keys of that name, for signing what org sends; owned by
 * secrets until it forgets them. CRM_EINVAL: there is no such secret here, or
 * it may not be used; the sentence says what to do about it and holds no part
 * of any secret.
 */
crm_status_t crm_worker_secret_get(const crm_worker_sign_keys_t **keys,
    crm_worker_secrets_t *secrets, crm_str_t org, crm_str_t name,
    crm_error_t *err);

/* The same as text for a header of the backend: the file or variable as it
 * stands, without the end of its last line. */
crm_status_t crm_worker_secret_text(crm_str_t *text,
    crm_worker_secrets_t *secrets, crm_str_t name, crm_error_t *err);

/* From now on these n names, and no others, are those of org's backend. They
 * are copied; CRM_ENOMEM, and nothing has changed. */
crm_status_t crm_worker_secret_reserve(crm_worker_secrets_t *secrets,
    crm_str_t org, const crm_str_t *names, size_t n);

/* Overwrites and frees all secrets; what is reserved stays so. */
void crm_worker_secret_forget(crm_worker_secrets_t *secrets);

/* Everything. */
void crm_worker_secret_clean(crm_worker_secrets_t *secrets);

#endif
