/*
 * Actions: what a rule does when a condition of it matches.
 *
 * An action stands in a rule inline or by the name of a document that holds
 * it, depending on its type (the table of crm_action.c). Compiled, it is the
 * same: a type, its place in its list, and what it needs. Everything lives in
 * the pool of the rule set.
 */

#ifndef CRM_ACTION_H
#define CRM_ACTION_H

#include "rules/crm_asks.h"
#include "rules/crm_duration.h"
#include "rules/crm_party.h"
#include "rules/crm_template.h"


/* What starts a rule: not every action goes with it. */
typedef enum {
    CRM_TRIGGER_CREATE = 0,
    CRM_TRIGGER_EDIT,
    CRM_TRIGGER_CREATE_OR_EDIT,
    CRM_TRIGGER_DELETE,
    CRM_TRIGGER_FIELD_UPDATE,
    CRM_TRIGGER_DATE,           /* from here on no write starts a rule: */
    CRM_TRIGGER_SCORE_INCREASE, /* a clock does, or a scoring rule */
    CRM_TRIGGER_SCORE_DECREASE,
    CRM_TRIGGER_SCORE_UPDATE    /* either way */
} crm_trigger_t;

typedef enum {
    CRM_ACTION_FIELD_UPDATE = 0,    /* merged into the write itself */
    CRM_ACTION_WEBHOOK,
    CRM_ACTION_ASYNC_UPDATE,        /* a write of its own by the worker */
    CRM_ACTION_EMAIL,
    CRM_ACTION_TASK,
    CRM_ACTION_CREATE_RECORD,
    CRM_ACTION_ASSIGN_OWNER,
    CRM_ACTION_FUNCTION,
    CRM_ACTION_ADD_TAGS,
    CRM_ACTION_REMOVE_TAGS
} crm_action_id_t;


/* ---- a field and its new value ---- */

typedef enum {
    CRM_UPDATE_STATIC = 0,      /* a JSON value */
    CRM_UPDATE_MERGE,           /* text with merge fields */
    CRM_UPDATE_FIELD            /* the value of another field */
} crm_update_source_t;

typedef struct {
    crm_str_t            field;
    crm_update_source_t  source;
    crm_str_t            json;          /* of STATIC: as it is spliced in */
    crm_template_t       merge;
    crm_str_t            other;         /* of FIELD: the other field's name */
    int                  async;         /* mode: async */
    crm_str_t            related;       /* the lookup field that names the
                                           record to update; empty: its own */
    crm_str_t            related_module;
    const crm_asks_t    *asks;          /* NULL: for nothing */
} crm_field_update_t;

typedef struct {
    crm_str_t            module;
    crm_field_update_t   update;
} crm_named_update_t;


/* ---- a webhook ---- */

typedef struct {
    crm_str_t            name;
    crm_template_t       value;
} crm_param_t;

typedef enum {
    CRM_BODY_DEFAULT = 0,       /* the event itself as JSON */
    CRM_BODY_NONE,              /* GET and DELETE */
    CRM_BODY_RAW,
    CRM_BODY_FORM
} crm_body_type_t;

typedef struct {
    crm_str_t            name;
    crm_str_t            module;
    crm_template_t       url;
    crm_str_t            receiver;      /* scheme and host of it */
    crm_str_t            method;
    crm_param_t         *headers;
    size_t               headers_count;
    crm_body_type_t      body_type;
    crm_escape_t         body_escape;
    crm_str_t            body_mime;
    crm_template_t       body;          /* of RAW */
    crm_param_t         *params;        /* of FORM */
    size_t               params_count;
    crm_str_t            secret;        /* "env:X" or "file:X"; may be empty */
    int                  ordered;
    int                  allow_http;
    crm_str_t            retry_schedule;    /* as written; or empty */
    crm_asks_t           asks;
    crm_str_t            head;          /* crm_webhook_text.h; may be null */
    crm_str_t            tail;
} crm_webhook_t;


/* ---- mail ---- */

typedef struct {
    crm_str_t            module;        /* whose fields it merges; empty: of
                                           none, it goes with any */
    crm_template_t       subject;       /* one line; so must be its values */
    crm_template_t       text;
    crm_template_t       html;
    int                  has_text;
    int                  has_html;
} crm_email_template_t;

typedef struct {
    crm_str_t                    name;
    crm_str_t                    module;
    const crm_email_template_t  *template;
    crm_str_t                    from;
    crm_party_t                 *to;
    size_t                       to_count;
    crm_asks_t                   asks;
} crm_email_t;


/* ---- a task, a record, an owner ---- */

typedef struct {
    crm_str_t            name;
    crm_str_t            module;
    crm_template_t       subject;
    int                  has_due;
    crm_interval_t       due;           /* days of a kind, from today */
    crm_party_t          assign_to;     /* OWNER if nothing is said */
    int                  notify;
    crm_asks_t           asks;
} crm_task_t;

typedef struct {
    crm_str_t            module;        /* of the new record */
    crm_field_update_t  *fields;        /* never async */
    size_t               fields_count;
    crm_asks_t           asks;
} crm_create_t;

typedef struct {
    crm_party_t         *to;            /* the first that is somebody */
    size_t               to_count;
    const crm_email_t   *tell;          /* the mail that the new owner gets,
                                           without recipients; or NULL */
} crm_assign_t;

typedef struct {
    crm_str_t           *tags;
    size_t               count;
} crm_tags_t;


/* ---- a function and its call ---- */

typedef enum {
    CRM_ARGUMENT_TEXT = 0,
    CRM_ARGUMENT_INTEGER,
    CRM_ARGUMENT_FLOAT,
    CRM_ARGUMENT_BOOLEAN,
    CRM_ARGUMENT_DATE,
    CRM_ARGUMENT_DATETIME,
    CRM_ARGUMENT_LIST,
    CRM_ARGUMENT_MAP
} crm_argument_type_t;

typedef struct {
    crm_str_t            name;
    crm_argument_type_t  type;
} crm_parameter_t;

typedef struct {
    crm_str_t            name;
    crm_str_t            source;        /* Deluge */
    crm_parameter_t     *parameters;
    size_t               parameters_count;
} crm_function_t;

typedef struct {
    crm_str_t            name;
    int                  is_merge;
    crm_str_t            json;          /* of a constant */
    crm_template_t       merge;
} crm_argument_t;

typedef struct {
    const crm_function_t  *function;
    crm_argument_t        *arguments;   /* by parameter */
    size_t                 arguments_count;
    crm_asks_t             asks;
} crm_function_call_t;


/* ---- any of them ---- */

typedef struct {
    crm_action_id_t      id;
    const char          *type;          /* the rule language's action type */
    unsigned             seq;           /* 1-based, in its list */
    union {
        crm_field_update_t   update;    /* of FIELD_UPDATE and ASYNC_UPDATE */
        const crm_webhook_t *webhook;
        const crm_email_t   *email;
        const crm_task_t    *task;
        const crm_create_t  *create;
        const crm_assign_t  *assign;
        const crm_function_call_t  *call;
        const crm_tags_t    *tags;      /* of ADD_TAGS and REMOVE_TAGS */
    } u;
} crm_action_t;


/* What actions may refer to, by name. */
typedef struct {
    const crm_map_t  *modules;          /* to crm_module_t, all there are */
    crm_map_t         webhooks;         /* to crm_webhook_t */
    crm_map_t         field_updates;    /* to crm_named_update_t */
    crm_map_t         templates;        /* to crm_email_template_t */
    crm_map_t         emails;           /* to crm_email_t */
    crm_map_t         tasks;            /* to crm_task_t */
    crm_map_t         functions;        /* to crm_function_t */
} crm_library_t;


/* An action at path, inline or by name, of a rule that trigger starts: one
 * that no write starts updates fields by a write of its own. CRM_EINVAL with
 * findings, CRM_ENOMEM. */
crm_status_t crm_action_parse(crm_action_t *action, const json_t *json,
    const char *path, crm_trigger_t trigger, const crm_library_t *library,
    crm_compile_t *cc);

/* A list of them at path. */
crm_status_t crm_action_list(crm_action_t **actions, size_t *count,
    const json_t *json, const char *path, crm_trigger_t trigger,
    const crm_library_t *library, crm_compile_t *cc);

/* Whether there is somebody to carry it out; else a warning says so. Defined
 * by the table of jobs, queue/crm_job_type.c, which rules do not know. */
int crm_action_runs(crm_action_id_t id);

/* What it asks of the record; NULL: nothing, whatever the record holds. */
const crm_asks_t *crm_action_asks(const crm_action_t *action);

/* What an action may be, and the keys of the kinds and of inline actions. */
extern const crm_form_t  crm_action_forms[];
extern const crm_key_t   crm_webhook_keys[];
extern const crm_key_t   crm_field_update_keys[];
extern const char *const crm_field_update_modes[];
extern const crm_form_t  crm_field_update_related[];
extern const crm_key_t   crm_email_template_keys[];
extern const crm_key_t   crm_email_keys[];
extern const crm_key_t   crm_task_keys[];
extern const crm_key_t   crm_create_keys[];
extern const crm_key_t   crm_assign_keys[];
extern const crm_key_t   crm_tags_keys[];
extern const crm_key_t   crm_function_keys[];
extern const crm_key_t   crm_function_call_keys[];

/* Each fills what it is given from a document, or from an inline action at
 * path; CRM_EINVAL with findings, CRM_ENOMEM. */
crm_status_t crm_webhook_parse(crm_webhook_t *webhook, const json_t *json,
    crm_compile_t *cc);
crm_status_t crm_field_update_parse(crm_field_update_t *update,
    const json_t *json, const char *path, crm_compile_t *cc);

/* Whether the module of the record that update is of has its field, now that
 * all modules are known. */
crm_status_t crm_field_update_check(const crm_field_update_t *update,
    const char *path, const crm_library_t *library, crm_compile_t *cc);

/* Whether a rule may set that field: the module has it, and it is not the
 * backend's. */
crm_status_t crm_field_update_field(crm_str_t name, const char *path,
    crm_compile_t *cc);

crm_status_t crm_email_template_parse(crm_email_template_t *template,
    const json_t *json, crm_compile_t *cc);

/* The CRM module that an email_template is about: what it says, or the module
 * of the first field that it merges. Borrows json; empty: of none. */
crm_str_t crm_email_template_module(const json_t *json);

crm_status_t crm_email_parse(crm_email_t *email, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc);
crm_status_t crm_task_parse(crm_task_t *task, const json_t *json,
    crm_compile_t *cc);
crm_status_t crm_create_parse(crm_create_t *create, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);
crm_status_t crm_assign_parse(crm_assign_t *assign, const json_t *json,
    const char *path, crm_compile_t *cc);
crm_status_t crm_tags_parse(crm_tags_t *tags, const json_t *json,
    const char *path, crm_compile_t *cc);
crm_status_t crm_function_parse(crm_function_t *function, const json_t *json,
    crm_compile_t *cc);

/* The arguments (a map, or NULL) of a call of function at path. */
crm_status_t crm_function_call_parse(crm_function_call_t *call,
    const crm_function_t *function, const json_t *json, const char *path,
    crm_compile_t *cc);

/* Each finds out what it asks, once it is parsed: CRM_OK or CRM_ENOMEM. */
crm_status_t crm_webhook_asks(crm_webhook_t *webhook, crm_pool_t *pool);
crm_status_t crm_email_asks(crm_email_t *email, crm_pool_t *pool);
crm_status_t crm_task_asks(crm_task_t *task, crm_pool_t *pool);
crm_status_t crm_create_asks(crm_create_t *create, crm_pool_t *pool);
crm_status_t crm_field_update_asks(crm_field_update_t *update,
    crm_pool_t *pool);
crm_status_t crm_function_call_asks(crm_function_call_t *call,
    crm_pool_t *pool);

/*
 * A value for update at path. With texts_merge a text is one with merge
 * fields, else that is said by { merge: text }.
 */
crm_status_t crm_field_update_value(crm_field_update_t *update,
    const json_t *json, int texts_merge, const char *path,
    crm_compile_t *cc);

#endif
