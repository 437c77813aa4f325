/*
 * A run, as the evaluator and the built-in functions share it.
 */

#ifndef CRM_DELUGE_RUN_H
#define CRM_DELUGE_RUN_H

#include "crm_deluge.h"


typedef enum {
    CRM_DELUGE_NEXT = 0,
    CRM_DELUGE_BROKEN,
    CRM_DELUGE_CONTINUED,
    CRM_DELUGE_RETURNED
} crm_deluge_flow_t;

typedef struct {
    const crm_deluge_script_t  *script;
    const crm_deluge_host_t    *host;
    const crm_deluge_limits_t  *limits;
    crm_pool_t                 *pool;
    crm_deluge_error_t         *err;
    crm_hours_t                 hours;
    crm_deluge_map_t           *variables;  /* of the function that runs */
    crm_deluge_value_t          value;      /* of return */
    const char                 *tail;       /* behind what + wrote last */
    crm_deluge_flow_t           flow;
    crm_buf_t                   log;
    int                         log_cut;
    size_t                      statements;
    unsigned                    calls;
    unsigned                    depth;      /* of what is evaluated */
    size_t                      effects;
} crm_deluge_run_t;

/* A call of a built-in function. args[0] is the receiver. */
typedef struct {
    crm_deluge_run_t     *run;
    crm_str_t             name;
    crm_deluge_place_t    place;
    crm_deluge_value_t   *args;
    size_t                count;
    int                   pairs;        /* key, value, key ... */
    crm_deluge_value_t   *result;       /* null until set */
} crm_deluge_call_t;

typedef crm_status_t (*crm_deluge_builtin_pt)(crm_deluge_call_t *call);

/* Receivers as bits of crm_deluge_type_t. */
#define CRM_DELUGE_BIT(type)  (1u << (type))
#define CRM_DELUGE_ON_TEXT    CRM_DELUGE_BIT(CRM_DELUGE_TEXT)
#define CRM_DELUGE_ON_NUMBER  (CRM_DELUGE_BIT(CRM_DELUGE_NUMBER)              \
                               | CRM_DELUGE_BIT(CRM_DELUGE_DECIMAL))
#define CRM_DELUGE_ON_LIST    CRM_DELUGE_BIT(CRM_DELUGE_LIST)
#define CRM_DELUGE_ON_MAP     CRM_DELUGE_BIT(CRM_DELUGE_MAP)
#define CRM_DELUGE_ON_COLLECTION  CRM_DELUGE_BIT(CRM_DELUGE_COLLECTION)
#define CRM_DELUGE_ON_SERIES  (CRM_DELUGE_ON_LIST | CRM_DELUGE_ON_COLLECTION)
#define CRM_DELUGE_ON_FILE    CRM_DELUGE_BIT(CRM_DELUGE_FILE)
#define CRM_DELUGE_ON_DAY     (CRM_DELUGE_BIT(CRM_DELUGE_DATE)                \
                               | CRM_DELUGE_BIT(CRM_DELUGE_DATETIME))
#define CRM_DELUGE_ON_MOMENT  (CRM_DELUGE_ON_DAY                              \
                               | CRM_DELUGE_BIT(CRM_DELUGE_TIME))
#define CRM_DELUGE_ON_ANY     0xffffu
#define CRM_DELUGE_ON_NONE    0x10000u      /* called without a receiver */

/*
 * types has a letter an argument behind the receiver: t TEXT (numbers are
 * written as one), n NUMBER, d NUMBER or DECIMAL, b BOOLEAN, l LIST, m MAP,
 * w DATE or DATE-TIME, a any, c LIST or COLLECTION, h
 * LIST, KEY-VALUE or COLLECTION. Checked before the function
 * is called. Pairs of a key and a value are for those with a '*' alone.
 */
typedef struct {
    const char             *name;
    unsigned                receivers;
    unsigned                min;        /* arguments behind the receiver */
    const char             *types;      /* as many as there may be; the last
                                           again and again if it is '*' */
    crm_deluge_builtin_pt   call;
} crm_deluge_builtin_t;

extern const crm_deluge_builtin_t  crm_deluge_text_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_change_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_regex_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_number_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_list_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_map_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_collection_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_statistics_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_date_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_convert_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_encode_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_xml_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_digest_builtins[];
extern const crm_deluge_builtin_t  crm_deluge_file_builtins[];


/* crm_deluge_evaluate.c */
crm_status_t crm_deluge_evaluate(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);

/* crm_deluge_call.c: of a CALL, METHOD and TASK, and of a function */
crm_status_t crm_deluge_call_name(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
crm_status_t crm_deluge_call_method(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
crm_status_t crm_deluge_call_task(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
crm_status_t crm_deluge_call(crm_deluge_run_t *run,
    const crm_deluge_function_t *function, crm_deluge_value_t *args,
    size_t count, crm_deluge_place_t place, crm_deluge_value_t *result);

/* crm_deluge_arithmetic.c */
crm_status_t crm_deluge_arithmetic(crm_deluge_run_t *run, char op,
    crm_deluge_place_t place, const crm_deluge_value_t *a,
    const crm_deluge_value_t *b, crm_deluge_value_t *r);

/* crm_deluge_run.c */
crm_status_t crm_deluge_run_block(crm_deluge_run_t *run,
    const crm_deluge_node_t *block);

/* crm_deluge_limit.c: a block or an expression is begun, inside of what is
 * under way; whoever is let in takes one off run->depth at its end. */
crm_status_t crm_deluge_enter(crm_deluge_run_t *run,
    crm_deluge_place_t place);

/* crm_deluge_builtin.c: of a CALL or METHOD, whose receiver is args[0].
 * CRM_DECLINED: no function has that name. */
crm_status_t crm_deluge_builtin(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *args, size_t count,
    crm_deluge_value_t *result);

/* crm_deluge_limit.c: what a script can catch, and what it cannot */
crm_status_t crm_deluge_throw(crm_deluge_run_t *run, crm_deluge_place_t place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
crm_status_t crm_deluge_limit(crm_deluge_run_t *run, crm_deluge_place_t place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
crm_status_t crm_deluge_memory(crm_deluge_run_t *run,
    crm_deluge_place_t place);

/* Work inside of a built-in function is counted in steps, so many of which are
 * a statement: what is left, and what was done. */
size_t crm_deluge_budget(const crm_deluge_run_t *run);
crm_status_t crm_deluge_spend(crm_deluge_run_t *run, crm_deluge_place_t place,
    size_t steps);

/* How a status of lists and maps ends: CRM_ELIMIT and CRM_ENOMEM as limits. */
crm_status_t crm_deluge_check(crm_deluge_run_t *run, crm_deluge_place_t place,
    crm_status_t rc);

/* A buffer for a text of the run; its end: the text, or the limit. */
void crm_deluge_buf(crm_deluge_run_t *run, crm_buf_t *buf);
crm_status_t crm_deluge_buf_end(crm_deluge_run_t *run,
    crm_deluge_place_t place, crm_buf_t *buf, crm_deluge_value_t *v);

/* A DATE or DATE-TIME of n, or the error that it is too far away: so many years
 * that no arithmetic on seconds can go wrong. */
crm_status_t crm_deluge_to_moment(crm_deluge_run_t *run,
    crm_deluge_place_t place, crm_deluge_type_t type, long long n,
    crm_deluge_value_t *v);

/* Seconds to add to UTC for the clocks of the run. */
int crm_deluge_offset(const crm_deluge_run_t *run,
    const crm_deluge_value_t *v);

/* v as a text: TEXT as it is. */
crm_status_t crm_deluge_to_text(crm_deluge_run_t *run,
    crm_deluge_place_t place, const crm_deluge_value_t *v, crm_str_t *text);

#endif
