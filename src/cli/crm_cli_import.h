/*
 * Rules of another system, read into ours.
 *
 * The source is eaten while it is read: what a reader understands it takes out
 * of the JSON, and what is left of an object in the end is what nobody
 * understood. So nothing is dropped silently. Readers build without looking at
 * each allocation: failed sticks.
 */

#ifndef CRM_CLI_IMPORT_H
#define CRM_CLI_IMPORT_H

#include <jansson.h>
#include <stdio.h>

#include "base/crm_pool.h"


typedef struct {
    crm_pool_t  *pool;
    json_t      *kept;          /* what was taken, so that it may be borrowed */
    json_t      *objects;       /* documents of the rule language */
    json_t      *report;        /* what became of each object of the source */
    json_t      *ignored;       /* keys that say nothing here, counted */
    json_t      *unknown;       /* places of keys that nobody understood */
    json_t      *names;         /* "webhooks ID" to the name given here */
    json_t      *used;          /* "webhook NAME" */
    size_t       counts[3];     /* by crm_cli_import_result_t */
    int          failed;        /* without memory */
} crm_cli_import_t;

typedef enum {
    CRM_CLI_IMPORTED = 0,
    CRM_CLI_IMPORTED_CHANGED,
    CRM_CLI_NOT_IMPORTED
} crm_cli_import_result_t;

/* One object of the source on its way into a document. */
typedef struct {
    crm_cli_import_t  *im;
    const char        *kind;
    const char        *path;        /* where it stands: "workflow_rules[0]" */
    const char        *name;
    const char        *id;          /* or NULL */
    json_t            *source;      /* borrowed */
    json_t            *doc;
    json_t            *notes;       /* what is different, and why */
    int                refused;
} crm_cli_import_item_t;


/* 0, or -1 without memory; end() in any case. */
int crm_cli_import_begin(crm_cli_import_t *im, crm_pool_t *pool);
void crm_cli_import_end(crm_cli_import_t *im);

/*
 * Both read source, an export of Zoho CRM (eaten). The actions of all sources
 * come first (field_updates, webhooks, tasks, email_notifications), so that
 * the rules find them; -1: it is no such export.
 */
int crm_cli_import_zoho_actions(crm_cli_import_t *im, json_t *source);
void crm_cli_import_zoho_rules(crm_cli_import_t *im, json_t *source,
    const char *file);

/* The report for people. */
void crm_cli_import_print(const crm_cli_import_t *im, FILE *out);

/* New: the report for programs, or NULL without memory. */
json_t *crm_cli_import_json(const crm_cli_import_t *im);


/* ---- items ---- */

/* Begins a document of kind from source; its name and id are taken. */
void crm_cli_import_item(crm_cli_import_item_t *item, crm_cli_import_t *im,
    const char *kind, json_t *source, const char *path);

/* Reports what became of it, and lists what is left of its source. */
void crm_cli_import_item_end(crm_cli_import_item_t *item);

/* What is different here, at path below the item ("" for the whole). */
void crm_cli_import_note(crm_cli_import_item_t *item, const char *path,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Why it cannot be imported. */
void crm_cli_import_refuse(crm_cli_import_item_t *item, const char *path,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));


/* ---- JSON ---- */

/* Takes a key out of a map: borrowed until the end, NULL if it is not there. */
json_t *crm_cli_import_take(crm_cli_import_t *im, json_t *map,
    const char *key);

/* The same for a text; NULL also for what is none, which then stays. */
const char *crm_cli_import_text(crm_cli_import_t *im, json_t *map,
    const char *key);

/* Whether a key is true; it is taken. */
int crm_cli_import_flag(crm_cli_import_t *im, json_t *map, const char *key);

/* A field or module: its name, or {"api_name", "id"}; NULL if it is none. */
const char *crm_cli_import_api_name(crm_cli_import_t *im, json_t *map,
    const char *key);

/* Removes what says nothing here; names are ended by NULL. */
void crm_cli_import_ignore(crm_cli_import_t *im, json_t *map,
    const char *const *names);

/* Both take value over; NULL sets failed. */
void crm_cli_import_put(crm_cli_import_t *im, json_t *map, const char *key,
    json_t *value);
void crm_cli_import_append(crm_cli_import_t *im, json_t *list, json_t *value);

/* A path, in the pool; never NULL. */
const char *crm_cli_import_at(crm_cli_import_t *im, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));


/* ---- readers of the vendor's objects ---- */

void crm_cli_import_rule(crm_cli_import_item_t *item);
void crm_cli_import_field_update(crm_cli_import_item_t *item);
void crm_cli_import_webhook(crm_cli_import_item_t *item);
void crm_cli_import_task(crm_cli_import_item_t *item);
void crm_cli_import_email(crm_cli_import_item_t *item);

/* New: criteria that stand in map under key; null for all records. NULL when
 * refused. */
json_t *crm_cli_import_criteria(crm_cli_import_item_t *item, json_t *map,
    const char *key, const char *path);

/* New: the list of actions, without those that cannot be imported. */
json_t *crm_cli_import_actions(crm_cli_import_item_t *item, json_t *list,
    const char *path);

#endif
