/*
 * The actions add_tags and remove_tags.
 */

#include "rules/crm_action.h"

#include "base/crm_limits.h"


static crm_status_t tags_one(crm_tags_t *tags, const json_t *json,
    const char *path, crm_compile_t *cc);


const crm_key_t  crm_tags_keys[] = {
    { "type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "what is to be done" },
    { "tags", CRM_KEY_TEXTS, CRM_KEY_REQUIRED, 1, CRM_MAX_TAGS, NULL, NULL,
      "the tags" },
    CRM_KEYS_END
};


crm_status_t
crm_tags_parse(crm_tags_t *tags, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_status_t  rc, all;

    rc = crm_shape_check(json, crm_tags_keys, "an action", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    json = json_object_get(json, "tags");
    path = crm_shape_path(cc, path, "tags");

    tags->tags = crm_pool_calloc(cc->pool, json_array_size(json),
                                 sizeof(crm_str_t));
    if (tags->tags == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        rc = tags_one(tags, item, crm_shape_index(cc, path, i), cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


/* A tag is the same in whatever case: the vendor's, and so the backend's. */
static crm_status_t
tags_one(crm_tags_t *tags, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    size_t     i;
    crm_str_t  tag;

    if (crm_shape_copy(&tag, json, cc->pool) != CRM_OK) {
        return CRM_ENOMEM;
    }

    if (tag.len > CRM_MAX_TAG || strlen(tag.data) != tag.len) {
        return crm_shape_error(cc, path, "too_long", NULL,
                               "a tag must have at most %d bytes, none of"
                               " them zero", CRM_MAX_TAG);
    }

    for (i = 0; i < tags->count; i++) {
        if (crm_str_caseeq(tags->tags[i], tag)) {
            return crm_shape_error(cc, path, "duplicate_name", NULL,
                                   "the tag \"%.*s\" stands there twice",
                                   (int) tag.len, tag.data);
        }
    }

    tags->tags[tags->count++] = tag;

    return CRM_OK;
}
