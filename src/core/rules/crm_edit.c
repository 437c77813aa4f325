/*
 * A change of the rules that somebody has sent, judged.
 */

#include "rules/crm_edit.h"

#include <stdio.h>

#include "base/crm_digest.h"
#include "base/crm_limits.h"


/* As everybody prints bundles: what people write comes back digit for digit. */
#define EDIT_DUMP  (JSON_COMPACT | JSON_REAL_PRECISION(15))


static crm_status_t edit_parsed(crm_edit_t *edit, const crm_edit_ask_t *ask,
    json_t *sent, json_t *live, const crm_host_t *host, crm_pool_t *pool);
static int edit_shape(crm_edit_t *edit, const crm_edit_ask_t *ask,
    const json_t *sent);
static int edit_bundle(crm_edit_t *edit, const crm_edit_ask_t *ask,
    const json_t *bundle);
static int edit_text(const json_t *json, size_t max);
static int edit_stale(crm_edit_t *edit, const crm_edit_ask_t *ask,
    const json_t *sent);
static int edit_denied(crm_edit_t *edit, const crm_edit_ask_t *ask);
static crm_status_t edit_compiled(crm_edit_t *edit, const json_t *bundle,
    const crm_host_t *host, crm_pool_t *pool);
static crm_status_t edit_finish(crm_edit_t *edit, const crm_edit_ask_t *ask,
    const json_t *sent, crm_pool_t *pool);
static json_t *edit_meta(const crm_edit_t *edit, const crm_edit_ask_t *ask,
    const json_t *sent, const char *sha256, crm_pool_t *pool);
static int edit_set(json_t *meta, const char *name, const json_t *value);
static crm_str_t edit_dump(const json_t *json, crm_pool_t *pool);
static void edit_dump_end(void *data);
static int edit_says(crm_edit_t *edit, crm_edit_end_t end, const char *text);


crm_status_t
crm_edit_judge(crm_edit_t *edit, const crm_edit_ask_t *ask,
    const crm_host_t *host, crm_pool_t *pool)
{
    json_t        *sent, *live;
    crm_status_t   rc;
    json_error_t   err;

    memset(edit, 0, sizeof(crm_edit_t));

    sent = json_loadb(ask->sent.data, ask->sent.len, JSON_REJECT_DUPLICATES,
                      &err);
    if (sent == NULL) {
        if (json_error_code(&err) == json_error_out_of_memory) {
            return CRM_ENOMEM;
        }

        edit->end = CRM_EDIT_INVALID;
        (void) crm_error_set(&edit->error, CRM_EINVAL,
                             (size_t) (err.position < 0 ? 0 : err.position),
                             "", "the body is no JSON: %s", err.text);
        return CRM_OK;
    }

    live = ask->live.len ? json_loadb(ask->live.data, ask->live.len, 0, &err)
                         : NULL;

    rc = ask->live.len && live == NULL ? CRM_ENOMEM
         : edit_parsed(edit, ask, sent, live, host, pool);

    json_decref(live);
    json_decref(sent);

    return rc;
}


/* In the order in which it is told what is wrong. */
static crm_status_t
edit_parsed(crm_edit_t *edit, const crm_edit_ask_t *ask, json_t *sent,
    json_t *live, const crm_host_t *host, crm_pool_t *pool)
{
    json_t        *bundle;
    crm_status_t   rc;

    if (!edit_shape(edit, ask, sent)) {
        return CRM_OK;
    }

    bundle = json_object_get(sent, "bundle");

    rc = crm_edit_compare(&edit->changes, live, bundle, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    if (live && json_equal(live, bundle)) {

        /* stored by an earlier try, whose answer was lost, or never another */

        if (edit->expected == ask->revision
            || edit->expected + 1 == ask->revision)
        {
            edit->end = CRM_EDIT_SAME;
            return CRM_OK;
        }
    }

    if (edit_stale(edit, ask, sent) || edit_denied(edit, ask)) {
        return CRM_OK;
    }

    rc = edit_compiled(edit, bundle, host, pool);

    return rc == CRM_OK && edit->end == CRM_EDIT_STORE
           ? edit_finish(edit, ask, sent, pool) : rc;
}


/* Not 0: it can be read on. */
static int
edit_shape(crm_edit_t *edit, const crm_edit_ask_t *ask, const json_t *sent)
{
    json_t      *value, *expected;
    const char  *key;

    static const char  unknown[] = "the body has a member that is none of"
                                   " expected, epoch, message, managed_by,"
                                   " bundle";

    if (!json_is_object(sent)) {
        return edit_says(edit, CRM_EDIT_INVALID,
                         "the body must be a JSON object");
    }

    json_object_foreach((json_t *) sent, key, value) {
        if (strcmp(key, "bundle") == 0 || strcmp(key, "expected") == 0) {
            continue;
        }

        if (strcmp(key, "epoch") != 0 && strcmp(key, "message") != 0
            && strcmp(key, "managed_by") != 0)
        {
            return edit_says(edit, CRM_EDIT_INVALID, unknown);
        }

        if (!edit_text(value, key[1] == 'a' ? CRM_EDIT_MAX_OWNER
                                            : CRM_EDIT_MAX_MESSAGE))
        {
            (void) crm_error_set(&edit->error, CRM_EINVAL, CRM_NO_OFFSET, key,
                                 "%s must be one line of text, at most %d"
                                 " bytes", key, key[1] == 'a'
                                 ? CRM_EDIT_MAX_OWNER : CRM_EDIT_MAX_MESSAGE);
            edit->end = CRM_EDIT_INVALID;
            return 0;
        }
    }

    expected = json_object_get(sent, "expected");

    if (!json_is_integer(expected) || json_integer_value(expected) < 0) {
        return edit_says(edit, CRM_EDIT_INVALID, "expected must be the number"
                         " of the revision that the change was made from");
    }

    edit->expected = json_integer_value(expected);

    return edit_bundle(edit, ask, json_object_get(sent, "bundle"));
}


static int
edit_bundle(crm_edit_t *edit, const crm_edit_ask_t *ask, const json_t *bundle)
{
    size_t       i;
    json_t      *objects, *item;
    const char  *org;

    org = json_string_value(json_object_get(bundle, "org"));
    objects = json_object_get(bundle, "objects");

    if (!json_is_array(objects) || org == NULL) {
        return edit_says(edit, CRM_EDIT_INVALID, "bundle must be a bundle as"
                         " GET gives it: {\"v\":1,\"org\":…,\"objects\":[…]}");
    }

    if (!crm_str_is(ask->org, org)) {
        return edit_says(edit, CRM_EDIT_INVALID,
                         "the bundle is another organisation's");
    }

    json_array_foreach(objects, i, item) {
        if (!json_is_object(json_object_get(item, "object"))
            || !edit_text(json_object_get(item, "managed_by"),
                          CRM_EDIT_MAX_OWNER)
            || json_object_size(item) != 2)
        {
            (void) crm_error_set(&edit->error, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "objects[%zu] of the bundle must be"
                                 " {\"managed_by\":\"…\",\"object\":{…}}", i);
            edit->end = CRM_EDIT_INVALID;
            return 0;
        }
    }

    return 1;
}


/* One line; JSON is UTF-8 already. */
static int
edit_text(const json_t *json, size_t max)
{
    size_t                i, len;
    const unsigned char  *p;

    p = (const unsigned char *) json_string_value(json);
    len = p ? json_string_length(json) : 0;

    for (i = 0; i < len; i++) {
        if (p[i] < 0x20 || p[i] == 0x7f) {
            return 0;
        }
    }

    return p != NULL && len > 0 && len <= max;
}


static int
edit_stale(crm_edit_t *edit, const crm_edit_ask_t *ask, const json_t *sent)
{
    const char  *epoch;

    epoch = json_string_value(json_object_get(sent, "epoch"));

    if (epoch && !crm_str_is(ask->epoch, epoch)) {
        edit->end = CRM_EDIT_STALE;
        (void) edit_says(edit, CRM_EDIT_STALE, "the change was made from the"
                         " rules of another Redis, or from before it was"
                         " restored; make it again");
        return 1;
    }

    if (edit->expected == ask->revision) {
        return 0;
    }

    edit->end = CRM_EDIT_STALE;
    (void) crm_error_set(&edit->error, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "the change was made from revision %lld, live is"
                         " %lld; make it again", edit->expected,
                         ask->revision);

    return 1;
}


static int
edit_denied(crm_edit_t *edit, const crm_edit_ask_t *ask)
{
    unsigned    missing;
    crm_str_t   what;

    missing = edit->changes.permits & ~ask->permits;

    if (missing == 0) {
        return 0;
    }

    what = missing & CRM_PERMIT_MODULES ? edit->changes.modules
                                        : edit->changes.workflow;

    edit->end = CRM_EDIT_DENIED;
    (void) crm_error_set(&edit->error, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "changing %.*s takes the permission %s, which your"
                         " profile does not have",
                         (int) (what.len > 100 ? 100 : what.len), what.data,
                         missing & CRM_PERMIT_MODULES ? "modules_customization"
                                                      : "manage_workflow");

    return 1;
}


static crm_status_t
edit_compiled(crm_edit_t *edit, const json_t *bundle, const crm_host_t *host,
    crm_pool_t *pool)
{
    size_t                i;
    crm_str_t             name;
    crm_ruleset_t        *rules;
    const json_t         *object;
    crm_findings_t        findings;
    const crm_finding_t  *f;

    crm_findings_init(&findings, pool);

    rules = crm_ruleset_create(bundle, edit->expected + 1, host, &findings);

    if (rules) {
        crm_ruleset_release(rules);
        return CRM_OK;
    }

    for (i = 0; i < findings.count; i++) {
        f = &findings.items[i];

        if (f->severity != CRM_ERROR) {
            continue;
        }

        object = f->object == CRM_NO_OBJECT ? NULL
                 : json_object_get(json_array_get(json_object_get(bundle,
                                   "objects"), f->object), "object");
        name = crm_ruleset_identity(object);

        edit->end = CRM_EDIT_INVALID;
        (void) crm_error_set(&edit->error, CRM_EINVAL, CRM_NO_OFFSET, f->path,
                             "%s %.*s: %.150s", object ? json_string_value(
                             json_object_get(object, "kind")) : "bundle",
                             (int) (name.len > 60 ? 60 : name.len),
                             name.len ? name.data : "", f->message);
        return CRM_OK;
    }

    return CRM_ENOMEM;
}


static crm_status_t
edit_finish(crm_edit_t *edit, const crm_edit_ask_t *ask, const json_t *sent,
    crm_pool_t *pool)
{
    char            sha256[2 * CRM_DIGEST_LEN + 1];
    json_t         *meta;
    unsigned char   digest[CRM_DIGEST_LEN];

    edit->bundle = edit_dump(json_object_get(sent, "bundle"), pool);
    if (edit->bundle.data == NULL) {
        return CRM_ENOMEM;
    }

    crm_digest_sha256(digest, &edit->bundle, 1);
    crm_digest_hex(sha256, digest);

    meta = edit_meta(edit, ask, sent, sha256, pool);
    edit->meta = meta ? edit_dump(meta, pool) : CRM_STR_NULL;
    json_decref(meta);

    return edit->meta.data ? CRM_OK : CRM_ENOMEM;
}


/* What crmctl notes of its own revisions, and whose rights these were. */
static json_t *
edit_meta(const crm_edit_t *edit, const crm_edit_ask_t *ask,
    const json_t *sent, const char *sha256, crm_pool_t *pool)
{
    json_t       *meta;
    crm_str_t     author;
    json_int_t    objects;

    author = ask->name.len
             ? crm_pool_printf(pool, "%.*s (%.*s)", (int) ask->name.len,
                               ask->name.data, (int) ask->user.len,
                               ask->user.data)
             : ask->user;

    objects = (json_int_t) json_array_size(json_object_get(
                               json_object_get(sent, "bundle"), "objects"));

    meta = author.data ? json_pack(
               "{s:s%, s:s%, s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I}",
               "author", author.data, author.len,
               "user", ask->user.data, ask->user.len,
               "access", "person",
               "at", (json_int_t) ask->now_ms,
               "message", "",
               "sha256", sha256,
               "objects", objects,
               "added", (json_int_t) edit->changes.added,
               "changed", (json_int_t) edit->changes.changed,
               "removed", (json_int_t) edit->changes.removed) : NULL;

    if (meta == NULL
        || edit_set(meta, "message", json_object_get(sent, "message")) != 0
        || edit_set(meta, "managed_by",
                    json_object_get(sent, "managed_by")) != 0)
    {
        json_decref(meta);
        return NULL;
    }

    return meta;
}


static int
edit_set(json_t *meta, const char *name, const json_t *value)
{
    return value ? json_object_set(meta, name, (json_t *) value) : 0;
}


/* Ends with the pool; data is NULL without memory. */
static crm_str_t
edit_dump(const json_t *json, crm_pool_t *pool)
{
    char  *text;

    text = json_dumps(json, EDIT_DUMP);

    return text && crm_pool_on_destroy(pool, edit_dump_end, text) == CRM_OK
           ? crm_strz(text) : CRM_STR_NULL;
}


static void
edit_dump_end(void *data)
{
    free(data);
}


static int
edit_says(crm_edit_t *edit, crm_edit_end_t end, const char *text)
{
    edit->end = end;
    (void) crm_error_set(&edit->error, CRM_EINVAL, CRM_NO_OFFSET, "", "%s",
                         text);

    return 0;
}
