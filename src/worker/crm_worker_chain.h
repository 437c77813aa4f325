/*
 * The key by which nginx knows our writes: --chain-key-file.
 */

#ifndef CRM_WORKER_CHAIN_H
#define CRM_WORKER_CHAIN_H

#include "state/crm_chain.h"


/*
 * Reads the file, whose keys live in pool. CRM_EINVAL with a sentence: it
 * cannot be read, holds no key, or is for everybody to read; CRM_ENOMEM.
 */
crm_status_t crm_worker_chain_read(crm_chain_keys_t *keys, crm_str_t path,
    crm_pool_t *pool, crm_error_t *err);

/* Overwrites them. */
void crm_worker_chain_clean(crm_chain_keys_t *keys);

#endif
