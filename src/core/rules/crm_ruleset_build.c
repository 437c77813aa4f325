/*
 * A bundle's documents, compiled in passes.
 */

#include "rules/crm_ruleset_build.h"

#include "rules/crm_people.h"
#include "rules/crm_zone_json.h"


typedef struct {
    json_t            *json;
    const crm_kind_t  *kind;        /* or NULL */
} document_t;


static crm_status_t build_zone(crm_build_t *b, const json_t *bundle);
static crm_status_t build_objects(crm_build_t *b, const json_t *bundle);
static crm_status_t build_pass(crm_build_t *b, const json_t *objects,
    document_t *documents, crm_kind_pass_t pass);
static crm_status_t build_links(crm_build_t *b, size_t count,
    const document_t *documents);
static crm_status_t build_identity(crm_build_t *b, const json_t *json,
    const crm_kind_t *kind);
static crm_status_t build_object(crm_build_t *b, const json_t *json,
    const crm_kind_t *kind);


crm_status_t
crm_ruleset_build(crm_build_t *b, const json_t *bundle,
    const crm_host_t *host)
{
    crm_status_t  rc;

    b->temp = crm_pool_create(host, CRM_RULESET_MAX_BYTES);
    b->cc.scratch = crm_pool_create(host, CRM_RULESET_MAX_BYTES);

    rc = b->temp && b->cc.scratch ? CRM_OK : CRM_ENOMEM;

    if (rc == CRM_OK) {
        crm_map_init(&b->identities, b->temp);
        b->cc.identities = &b->identities;
        rc = build_zone(b, bundle);
    }

    if (rc != CRM_ENOMEM) {
        rc = build_objects(b, bundle);
    }

    if (rc == CRM_OK && b->findings->errors == 0) {
        rc = crm_ruleset_order(b);
    }

    crm_pool_destroy(b->cc.scratch);
    crm_pool_destroy(b->temp);

    return rc;
}


/* Days are those of the organisation's zone, for constants too. */
static crm_status_t
build_zone(crm_build_t *b, const json_t *bundle)
{
    json_t        *json;
    crm_status_t   rc;

    b->cc.zone = &b->rules->zone;
    json = json_object_get(bundle, "time_zone");

    if (json == NULL || json_is_null(json)) {
        return CRM_OK;
    }

    rc = crm_zone_json_decode(&b->rules->zone, json, b->cc.pool);

    return rc != CRM_EINVAL ? rc
           : crm_shape_error(&b->cc, "", "bad_bundle", NULL,
                             "the bundle's time_zone is no table of offsets");
}


static crm_status_t
build_objects(crm_build_t *b, const json_t *bundle)
{
    int             pass;
    json_t         *objects;
    document_t     *documents;
    crm_status_t    rc;

    objects = json_object_get(bundle, "objects");

    if (json_integer_value(json_object_get(bundle, "v")) != 1
        || !json_is_array(objects))
    {
        return crm_shape_error(&b->cc, "", "bad_bundle", NULL,
                               "this is no bundle of version 1");
    }

    documents = crm_pool_calloc(b->temp, json_array_size(objects) + 1,
                                sizeof(document_t));
    if (documents == NULL) {
        return CRM_ENOMEM;
    }

    for (pass = 0; pass < CRM_KIND_PASSES; pass++) {
        rc = build_pass(b, objects, documents, (crm_kind_pass_t) pass);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return build_links(b, json_array_size(objects), documents);
}


/* The documents of a pass; the first pass finds out what all of them are. */
static crm_status_t
build_pass(crm_build_t *b, const json_t *objects, document_t *documents,
    crm_kind_pass_t pass)
{
    size_t        i;
    json_t       *entry;
    document_t   *d;
    crm_status_t  rc;

    json_array_foreach((json_t *) objects, i, entry) {
        d = &documents[i];
        b->cc.object = i;
        rc = CRM_OK;

        if (pass == 0) {
            d->json = json_object_get(entry, "object");
            d->kind = crm_kind_find(d->json, b);
        }

        if (d->kind == NULL) {
            continue;
        }

        if (pass == 0) {
            rc = build_identity(b, d->json, d->kind);
        }

        if (rc != CRM_ENOMEM && d->kind->pass == pass) {
            rc = build_object(b, d->json, d->kind);
            crm_pool_reset(b->cc.scratch);
        }

        if (rc == CRM_ENOMEM) {
            return rc;
        }
    }

    return CRM_OK;
}


/* What needs every document: who reports to whom. */
static crm_status_t
build_links(crm_build_t *b, size_t count, const document_t *documents)
{
    size_t  i;

    for (i = 0; i < count; i++) {
        b->cc.object = i;

        if (documents[i].kind && documents[i].kind->compile == crm_people_role
            && crm_people_links(b, documents[i].json) == CRM_ENOMEM)
        {
            return CRM_ENOMEM;
        }
    }

    b->cc.object = CRM_NO_OBJECT;

    return CRM_OK;
}


/* Two objects of one kind and name are one too many. */
static crm_status_t
build_identity(crm_build_t *b, const json_t *json, const crm_kind_t *kind)
{
    crm_str_t         id, key, parts[3];
    crm_status_t      rc;
    crm_map_entry_t  *entry;

    id = crm_kind_identity(kind, json);
    if (id.data == NULL) {
        return CRM_OK;              /* the shape will tell */
    }

    parts[0] = crm_strz(kind->name);
    parts[1] = CRM_STR(" ");
    parts[2] = id;

    key = crm_pool_concat(b->temp, parts, 3);
    entry = key.data ? crm_map_add(&b->identities, key) : NULL;

    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    if (entry->value) {
        rc = crm_shape_error(&b->cc, kind->identity && id.len
                             ? kind->identity : "", "duplicate_name", NULL,
                             id.len ? "there are two of kind %s \"%.*s\""
                             : "there are two of kind %s", kind->name,
                             (int) id.len, id.data);

        crm_findings_twin(b->cc.findings, (uintptr_t) entry->value - 1);

        return rc;
    }

    entry->value = (void *) (uintptr_t) (b->cc.object + 1);

    return CRM_OK;
}


static crm_status_t
build_object(crm_build_t *b, const json_t *json, const crm_kind_t *kind)
{
    crm_status_t  rc;

    b->cc.schema = NULL;
    b->cc.predicates = NULL;
    b->cc.module = NULL;

    if (!(kind->flags & CRM_KIND_OWN_CHECK)) {
        rc = crm_shape_check(json, kind->keys, kind->name, "", &b->cc);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    rc = kind->compile(b, json);

    if (rc == CRM_OK && (kind->flags & CRM_KIND_NO_RUN_TIME)) {
        crm_shape_no_run_time(&b->cc, "kind", kind->name);
    }

    return rc;
}
