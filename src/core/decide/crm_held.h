/*
 * Why is this record as it is, and who can change it? One document, for
 * crmctl why and GET /crm_api/why/{module}/{id}:
 *
 *   {"v":1, "module", "id", "revision", "now": ms, "user": id|null,
 *    "stored": "read"|"unread"|"gone",
 *    "locked": bool|null,             null: only the stored record could tell
 *    "locked_for_user": bool|null,    of user; null too where nobody is named
 *    "locks": [{"source": "manual", "id", "reason", "by", "at", "event"} |
 *              {"source": "automatic", "rule", "matches": bool|null, "marked",
 *               "existing", "locks": bool|null, "reads": [fields],
 *               "at", "event"}],
 *    "restricted": [...], "open_fields": [...], "excluded_profiles": [...],
 *    "approval": {"process", "state", "level", "levels", "asked": [{"id",
 *                 "name"}], "given": [...], "submitter", "at", "event"}|null,
 *    "blueprint": {"blueprint", "state", "since", "event", "next": [{"id",
 *                  "name", "to", "may": bool|null, "needs": [fields],
 *                  "automatic": bool}]}|null,
 *    "busy": {"event", "ms"}|null,
 *    "writes": [{"event", "state", "begun", "reason"}],
 *    "timers": [{"id", "due", "type", "rule", "event", "waits"}],
 *    "unseen_timers": n,
 *    "says": [sentence, ...]}         all of it for people, in this order
 */

#ifndef CRM_HELD_H
#define CRM_HELD_H

#include "rules/crm_ruleset.h"
#include "state/crm_holds.h"


typedef struct {
    const crm_ruleset_t  *rules;
    crm_record_name_t     record;
    crm_str_t             user;             /* who asks; may be empty */
    const crm_dialect_t  *dialect;          /* or NULL: zoho */
    const crm_record_t   *stored;           /* NULL: nobody read it, or */
    int                   gone;             /* the CRM has it no more */
    int                   absent_is_null;
    const crm_holds_t    *holds;
} crm_held_t;


/* Writes the document. CRM_OK, CRM_ENOMEM, or as buf fails. What Redis holds
 * and nobody can read is left out and told. */
crm_status_t crm_held_write(const crm_held_t *held, crm_buf_t *buf,
    crm_pool_t *pool);

#endif
