/*
 * The Deluge language: a script is read, then run.
 *
 *     crm_deluge_parse()      crm_deluge_script.h
 *     crm_deluge_run()        here
 *
 * Nothing here knows files, sockets or clocks. What a script does to the world
 * goes through its host, one effect at a time; how much it may do is metered:
 * statements, depth of calls, memory, text of its log, effects. A limit cannot
 * be caught by the script.
 */

#ifndef CRM_DELUGE_H
#define CRM_DELUGE_H

#include "base/crm_hours.h"
#include "base/crm_zone.h"
#include "crm_deluge_script.h"


typedef struct {
    size_t    statements;       /* executed */
    unsigned  calls;            /* of functions inside of each other */
    unsigned  depth;            /* blocks and expressions, all of them */
    size_t    text;             /* bytes of one text */
    size_t    log;              /* bytes of info */
    size_t    effects;
} crm_deluge_limits_t;

/* What the vendor's runtime allows, or nearly: see docs/functions.md. */
#define CRM_DELUGE_STATEMENTS  200000
#define CRM_DELUGE_STEPS       200          /* of a pattern: a statement */
#define CRM_DELUGE_CALLS       75
#define CRM_DELUGE_DEPTH       4000         /* the stack is a quarter full */
#define CRM_DELUGE_TEXT_MAX    (1024 * 1024)
#define CRM_DELUGE_LOG_MAX     (50 * 1024)
#define CRM_DELUGE_EFFECTS     50
#define CRM_DELUGE_MEMORY      (32 * 1024 * 1024)   /* of the run's pool */

void crm_deluge_limits_init(crm_deluge_limits_t *limits);


/* What a script asks of the world: a task of zoho.crm, invokeurl, sendmail. */
typedef struct {
    crm_str_t                  name;    /* zoho.crm.getRecordById */
    const crm_deluge_value_t  *args;    /* invokeurl, sendmail: one map */
    size_t                     count;
    crm_deluge_place_t         place;
} crm_deluge_effect_t;

/*
 * Whoever runs a script. effect may be NULL: there are none. It answers CRM_OK
 * with *result (in pool), CRM_DECLINED: no such task, CRM_EINVAL with a
 * sentence in err->text that the script can catch, CRM_ELIMIT with one that it
 * cannot, CRM_ENOMEM.
 */
typedef struct {
    long long            now_ms;        /* of the whole run */
    const crm_zone_t    *zone;          /* NULL: UTC */
    const crm_hours_t   *hours;         /* NULL: Monday to Friday */
    crm_str_t            user;          /* who caused the run */
    crm_str_t            user_id;
    crm_status_t       (*effect)(void *data,
                                 const crm_deluge_effect_t *effect,
                                 crm_deluge_value_t *result, crm_pool_t *pool,
                                 crm_deluge_error_t *err);
    void                *data;
} crm_deluge_host_t;

typedef struct {
    crm_deluge_value_t  value;          /* of return */
    crm_str_t           log;            /* lines of info */
    size_t              statements;     /* that were executed */
    size_t              effects;
    int                 log_cut;        /* there was more than limits->log */
} crm_deluge_result_t;

/*
 * Runs the script's first function, or its statements, with arguments by name.
 * Everything lives in pool, whose ceiling bounds its values. result->log and
 * the counters are filled whatever comes of it.
 *
 * CRM_OK; CRM_EINVAL: it threw; CRM_ELIMIT: it went beyond a limit. Both with
 * *err.
 */
crm_status_t crm_deluge_run(crm_deluge_result_t *result,
    const crm_deluge_script_t *script, const crm_deluge_map_t *arguments,
    const crm_deluge_host_t *host, const crm_deluge_limits_t *limits,
    crm_pool_t *pool, crm_deluge_error_t *err);


/* Reads JSON into values: numbers with a point are decimals. CRM_EINVAL: it is
 * none; CRM_ELIMIT, CRM_ENOMEM. */
crm_status_t crm_deluge_json(crm_deluge_value_t *v, crm_str_t text,
    crm_pool_t *pool);

#endif
