/*
 * The options of crm-worker: one table with every name, default and check.
 */

#ifndef CRM_WORKER_OPTION_H
#define CRM_WORKER_OPTION_H

#include "crm_worker_config.h"


typedef enum {
    CRM_WORKER_OPTION_FLAG,     /* takes no value */
    CRM_WORKER_OPTION_ONE,      /* the last one counts */
    CRM_WORKER_OPTION_MANY      /* every one counts */
} crm_worker_option_kind_t;

typedef struct crm_worker_option_s  crm_worker_option_t;

typedef crm_status_t (*crm_worker_option_set_pt)(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);

struct crm_worker_option_s {
    const char                *name;
    crm_worker_option_kind_t   kind;
    int                        in_file;     /* may stand in the file */
    crm_worker_option_set_pt   set;
    size_t                     offset;      /* of the member that set writes */
    const char                *fallback;    /* default, as one would write it */
    long                       least;
    long                       most;
    const char                *value;       /* for --help; NULL: a flag */
    const char                *text;
};


/* How many there are; index is below that. */
unsigned crm_worker_option_count(void);
const crm_worker_option_t *crm_worker_option_at(unsigned index);

/* Its index, or -1 with a sentence that may say which one was meant; dashes
 * is what stands before a name here: "--" or nothing. */
int crm_worker_option_find(crm_str_t name, const char *dashes,
    crm_error_t *err);

#endif
