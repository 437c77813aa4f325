/*
 * All records of an organisation that Redis knows something of.
 */

#ifndef CRM_CLI_RECORDS_H
#define CRM_CLI_RECORDS_H

#include "crm_cli.h"
#include "crm_cli_live.h"
#include "state/crm_keys.h"


/* Called for a record that has at least one of the fields, values in their
 * order; they and record last until it returns. 0 to go on. */
typedef int (*crm_cli_record_pt)(void *data, crm_record_name_t record,
    const crm_reply_t *values);


/*
 * Walks over them, in no order, each once: those that come or go meanwhile may
 * be missed. fields are those of their hashes. CRM_EINVAL with *err,
 * CRM_ENOMEM; CRM_DECLINED: visit has ended it.
 */
crm_status_t crm_cli_records(crm_cli_t *cli, crm_store_t *store,
    const crm_str_t *fields, size_t n_fields, crm_cli_record_pt visit,
    void *data, crm_error_t *err);

/* The same of one. */
crm_status_t crm_cli_record(crm_cli_t *cli, crm_store_t *store,
    crm_record_name_t record, const crm_str_t *fields, size_t n_fields,
    crm_cli_record_pt visit, void *data, crm_error_t *err);

#endif
