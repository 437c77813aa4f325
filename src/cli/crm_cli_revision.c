/*
 * Stored revisions: their bundles, and what the history notes of them.
 */

#include "crm_cli_revision.h"
#include "state/crm_keys.h"

#include <stdlib.h>


/* The largest number has this many digits, with room to add to it. */
#define REVISION_MAX_DIGITS  15


static void json_end(void *data);
static crm_status_t note_init(crm_cli_note_t *note, crm_str_t number,
    crm_str_t doc, crm_pool_t *pool);
static crm_status_t note_text(const char **text, const json_t *doc,
    const char *key, crm_pool_t *pool);
static long long note_number(const json_t *doc, const char *key);
static int note_compare(const void *a, const void *b);


crm_status_t
crm_cli_revision_read(crm_cli_revision_t *revision, crm_store_t *store,
    const char *org, long long number, crm_pool_t *pool, crm_error_t *err)
{
    crm_str_t      key, text;
    crm_reply_t   *reply;
    crm_status_t   rc;
    json_error_t   jerr;

    memset(revision, 0, sizeof(crm_cli_revision_t));
    revision->number = number;

    key = crm_key_rules(pool, crm_strz(org), number);
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(store, pool, &reply, err, 2, CRM_STR("GET"), key);
    if (rc == CRM_OK) {
        rc = crm_reply_text(&text, reply, pool, err);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    crm_cli_revision_sha256(revision->sha256, text);

    revision->bundle = json_loadb(text.data, text.len, 0, &jerr);
    if (revision->bundle == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "revision %lld (%s) is not JSON: %s", number,
                             key.data, jerr.text);
    }

    if (crm_pool_on_destroy(pool, json_end, revision->bundle) != CRM_OK) {
        revision->bundle = NULL;
        return CRM_ENOMEM;
    }

    if (!crm_cli_revision_is_bundle(revision->bundle)) {
        revision->bundle = NULL;
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "revision %lld (%s) is no bundle of rules: "
                             "something else has written it", number,
                             key.data);
    }

    return CRM_OK;
}


int
crm_cli_revision_is_bundle(const json_t *bundle)
{
    size_t   i;
    json_t  *objects, *item;

    objects = json_object_get(bundle, "objects");

    if (!json_is_array(objects)) {
        return 0;
    }

    json_array_foreach(objects, i, item) {
        if (!json_is_object(json_object_get(item, "object"))) {
            return 0;
        }
    }

    return 1;
}


static void
json_end(void *data)
{
    json_decref(data);
}


crm_status_t
crm_cli_revision_notes(crm_cli_notes_t *notes, crm_store_t *store,
    const char *org, crm_pool_t *pool, crm_error_t *err)
{
    size_t         i;
    crm_str_t      key;
    crm_reply_t   *reply;
    crm_status_t   rc;

    memset(notes, 0, sizeof(crm_cli_notes_t));

    key = crm_key_revisions(pool, crm_strz(org));
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(store, pool, &reply, err, 2, CRM_STR("HGETALL"),
                           key);
    if (rc != CRM_OK) {
        return rc;
    }

    if (reply->type != CRM_REPLY_ARRAY) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%s holds something else than the history",
                             key.data);
    }

    notes->items = crm_pool_calloc(pool, reply->count / 2 + 1,
                                   sizeof(crm_cli_note_t));
    if (notes->items == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i + 1 < reply->count; i += 2) {
        rc = note_init(&notes->items[notes->count], reply->elements[i].str,
                       reply->elements[i + 1].str, pool);
        if (rc == CRM_ENOMEM) {
            return rc;
        }

        notes->count += rc == CRM_OK;
    }

    if (notes->count > 1) {
        qsort(notes->items, notes->count, sizeof(crm_cli_note_t),
              note_compare);
    }

    return CRM_OK;
}


crm_status_t
crm_cli_revision_note(crm_cli_note_t *note, crm_store_t *store,
    const char *org, long long number, crm_pool_t *pool, crm_error_t *err)
{
    char           digits[CRM_STR_INT_LEN];
    crm_str_t      key, field, doc;
    crm_reply_t   *reply;
    crm_status_t   rc;

    field = crm_str_int(digits, number);
    key = crm_key_revisions(pool, crm_strz(org));
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(store, pool, &reply, err, 3, CRM_STR("HGET"), key,
                           field);
    if (rc == CRM_OK) {
        rc = crm_reply_text(&doc, reply, pool, err);
    }

    return rc == CRM_OK ? note_init(note, field, doc, pool) : rc;
}


static crm_status_t
note_init(crm_cli_note_t *note, crm_str_t number, crm_str_t doc,
    crm_pool_t *pool)
{
    json_t        *value;
    crm_status_t   rc;

    memset(note, 0, sizeof(crm_cli_note_t));

    if (crm_cli_revision_parse(&note->number, number) != 0) {
        return CRM_DECLINED;
    }

    value = doc.data ? json_loadb(doc.data, doc.len, 0, NULL) : NULL;

    note->at_ms = note_number(value, "at");
    note->objects = note_number(value, "objects");
    note->added = note_number(value, "added");
    note->changed = note_number(value, "changed");
    note->removed = note_number(value, "removed");
    note->rollback_to = note_number(value, "rollback_to");

    rc = note_text(&note->author, value, "author", pool);

    if (rc == CRM_OK) {
        rc = note_text(&note->access, value, "access", pool);
    }

    if (rc == CRM_OK) {
        rc = note_text(&note->message, value, "message", pool);
    }

    if (rc == CRM_OK) {
        rc = note_text(&note->managed_by, value, "managed_by", pool);
    }

    if (rc == CRM_OK) {
        rc = note_text(&note->sha256, value, "sha256", pool);
    }

    json_decref(value);

    return rc;
}


static crm_status_t
note_text(const char **text, const json_t *doc, const char *key,
    crm_pool_t *pool)
{
    const char  *value;

    value = json_string_value(json_object_get(doc, key));
    *text = value ? crm_pool_dup(pool, crm_strz(value)).data : "";

    return *text ? CRM_OK : CRM_ENOMEM;
}


static long long
note_number(const json_t *doc, const char *key)
{
    json_t  *value;

    value = json_object_get(doc, key);

    return json_is_integer(value) ? json_integer_value(value) : -1;
}


static int
note_compare(const void *a, const void *b)
{
    const crm_cli_note_t  *x = a, *y = b;

    return x->number > y->number ? -1 : x->number < y->number;
}


int
crm_cli_revision_is_noted(const crm_cli_note_t *note, const char *sha256)
{
    return note->sha256[0] == '\0' || strcmp(note->sha256, sha256) == 0;
}


int
crm_cli_revision_parse(long long *number, crm_str_t text)
{
    size_t     i;
    long long  n;

    if (text.len == 0 || text.len > REVISION_MAX_DIGITS
        || text.data[0] == '0')
    {
        return -1;
    }

    n = 0;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return -1;
        }

        n = n * 10 + (text.data[i] - '0');
    }

    *number = n;

    return 0;
}


void
crm_cli_revision_sha256(char *sha256, crm_str_t text)
{
    unsigned char  digest[CRM_DIGEST_LEN];

    crm_digest_sha256(digest, &text, 1);
    crm_digest_hex(sha256, digest);
}
